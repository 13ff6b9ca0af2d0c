"""What a case and its report say of its critical results: why each is one, and who took note."""

from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from triage.models import CriticalResult
from triage.review.critical_table import critical_table, is_critical
from triage.review.differences import Signed
from triage.vocabulary import Stage


def critical_by_review(case_id: UUID) -> dict[UUID, CriticalResult]:
    """The opinion that one waits or waited for → the critical result. One query."""
    results = CriticalResult.objects.filter(case=case_id).select_related(
        "case", "review", "acknowledged_by"
    )
    return {result.review_id: result for result in results.order_by("opened_at", "pk")}


def why_critical(result: CriticalResult) -> str:
    """In words. A later opinion may be no critical one: it took the place of one that was."""
    if result.by_reader:
        return _("the reader says so")
    review = result.review
    rules = critical_table(result.site_id).rules
    is_later = review.supersedes_id is not None or review.stage == Stage.THIRD
    if is_later and not is_critical(Signed.of(review), result.case.body_part, rules):
        return _("the opinion before it was critical")
    return _("by the site's table")


def critical_in_words(result: CriticalResult) -> str:
    """ "Critical (by the site's table). Clara Clinician took note of it, 2 March 2026, 10:20 CET." """
    values = {"why": why_critical(result)}
    if result.acknowledged_at is None:
        return _("Critical (%(why)s). Nobody has taken note of it yet.") % values
    at = timezone.localtime(result.acknowledged_at)
    values |= {
        "name": str(result.acknowledged_by),
        "time": f"{date_format(at, 'DATETIME_FORMAT')} {at:%Z}",
    }
    return _("Critical (%(why)s). %(name)s took note of it, %(time)s.") % values
