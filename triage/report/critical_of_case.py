"""What a case and its report say of its critical results: why each is one, and who took note."""

from uuid import UUID

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from triage.models import CriticalResult
from triage.vocabulary import Conclusion, Stage


def critical_by_review(case_id: UUID) -> dict[UUID, CriticalResult]:
    """The opinion that one waits or waited for → the critical result. One query."""
    results = CriticalResult.objects.filter(case=case_id).select_related(
        "review", "acknowledged_by"
    )
    return {result.review_id: result for result in results.order_by("opened_at", "pk")}


class Because(TextChoices):
    """Why a signed opinion is critical. Each is true for ever, whatever the site's table says by now."""

    READER = "reader", _lazy("the reader says so")
    TABLE = "table", _lazy("by the site's table when it was signed")
    EARLIER = "earlier", _lazy("an opinion before it was critical")
    TABLE_OR_EARLIER = (
        "table_or_earlier",
        _lazy("by the site's table when it was signed, or since an opinion before it was critical"),
    )


def why_critical(result: CriticalResult) -> Because:
    """No query, where the result has its review.

    A later opinion takes the place of a critical one, critical or not, and no table calls anything but a
    fracture critical (``triage.review.critical_table.is_critical``).
    """
    review = result.review
    if result.by_reader:
        return Because.READER
    if review.supersedes_id is None and review.stage != Stage.THIRD:
        return Because.TABLE
    if review.conclusion != Conclusion.FRACTURE:
        return Because.EARLIER
    return Because.TABLE_OR_EARLIER


def critical_in_words(result: CriticalResult) -> str:
    """ "Critical (by the site's table). Clara Clinician took note of it, 2 March 2026, 10:20 CET." """
    values = {"why": str(why_critical(result).label)}
    if result.acknowledged_at is None:
        return _("Critical (%(why)s). Nobody has taken note of it yet.") % values
    at = timezone.localtime(result.acknowledged_at)
    values |= {
        "name": str(result.acknowledged_by),
        "time": f"{date_format(at, 'DATETIME_FORMAT')} {at:%Z}",
    }
    return _("Critical (%(why)s). %(name)s took note of it, %(time)s.") % values
