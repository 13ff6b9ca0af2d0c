"""Whether a case is read blind: it is drawn, unless its pictures came before.

What the model says of a picture is the same in each case that has it, so an open case with a picture of a
sealed one would show what the other hides. See docs/decisions/0052-a-blind-first-reading.md.
"""

from collections.abc import Sequence

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, Func, OuterRef

from triage.intake.replacing import Versions
from triage.intake.versions import Picture, pictures_of, sent_again
from triage.models import Case, Image
from triage.models.case import CaseQuerySet
from triage.models.case_rules import OPEN, SEALED
from triage.models.visibility import SiteOwnedQuerySet
from triage.review.reading_rules import draw_blind


class _IsOneOf(Func):
    """The value is in the array. PostgreSQL takes an array for small, so it looks the few up by their index
    (or by what is rarer); it takes a subquery of sealed cases for a third of a site, and reads all images.
    """

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


def is_read_blind(case: Case, pictures: Sequence[Picture], versions: Versions) -> bool:
    """For the decision on ``case``, which holds its pictures (``triage.intake.versions``).

    True if an open sealed case has one of them. False if everybody may have seen what the model says of each.
    True if a sealed case with one of the others was withdrawn: nothing is drawn twice. Else it is drawn.
    """
    sealed = Case.objects.filter(SEALED, site_id=case.site_id)
    # Most sites have none: the index says so, and nothing else is asked. In its order, since PostgreSQL takes
    # states and sites for independent and would rather look for one of many through the whole table.
    has_sealed = sealed.order_by("state").values("state").first() is not None
    sealed_versions = [one for one in (*versions.earlier, *versions.later) if one.is_sealed]
    if any(one.is_open for one in sealed_versions):
        return True
    if has_sealed and (
        _in_same_bytes(case, pictures, sealed.filter(OPEN)).exists()
        or _has_instance_of(sealed.filter(OPEN), pictures)
    ):
        return True
    is_drawn = draw_blind(case.site_id)
    if not (is_drawn or has_sealed):
        return False
    new = _not_seen(case, pictures, versions)
    if not new:
        return False
    return is_drawn or bool(sealed_versions) or _in_same_bytes(case, new, sealed).exists()


def _has_instance_of(waiting: CaseQuerySet, pictures: Sequence[Picture]) -> bool:
    """Whether an open sealed case has one of their instances in other bytes. Whose order or patient it is
    said to be is not asked: who sends it again may say anything.

    Some devices give every picture one UID. So the study must be the same too, as in a newer version, and a
    withdrawn case, of which nobody is to judge any more, seals nothing by its UIDs: it would for ever.
    """
    named = [picture for picture in pictures if picture.uid and picture.study_uid]
    if not named:
        return False
    found = Image.objects.filter(
        _IsOneOf(F("case_id"), ArraySubquery(waiting.values("pk"))),
        sop_instance_uid__in={picture.uid for picture in named},
        series__study__study_instance_uid__in={picture.study_uid for picture in named},
    )
    ids = set(found.order_by().values_list("case_id", flat=True))
    theirs = pictures_of(ids).values() if ids else ()
    # One after the other: an instance that comes twice in one case would count as none.
    return any(sent_again([picture], earlier) for picture in named for earlier in theirs)


def _not_seen(case: Case, pictures: Sequence[Picture], versions: Versions) -> list[Picture]:
    """Those that no case has which isn't sealed, neither in the same bytes nor in another version."""
    at_site = Case.objects.filter(site_id=case.site_id)
    same = _in_same_bytes(case, pictures, at_site.exclude(SEALED)).order_by()
    known = set(same.values_list("sha256", flat=True).distinct())
    return [
        picture
        for picture in pictures
        if picture.sha256 not in known and picture.position not in versions.seen
    ]


def _in_same_bytes(
    case: Case, pictures: Sequence[Picture], cases: CaseQuerySet
) -> SiteOwnedQuerySet:
    """Images of ``cases``: from the few of these bytes at the site of ``case`` to their cases."""
    hashes = {picture.sha256 for picture in pictures}
    of_cases = Exists(cases.filter(pk=OuterRef("case")))
    return Image.objects.filter(of_cases, site_id=case.site_id, sha256__in=hashes)
