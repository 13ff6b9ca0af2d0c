"""Whether a case is read blind: it is drawn, unless its pictures came before.

What the model says of a picture is the same in each case that has it, so an open case with a picture of a
sealed one would show what the other hides. See docs/decisions/0052-a-blind-first-reading.md.
"""

from collections import defaultdict
from collections.abc import Sequence

from triage.intake.replacing import Versions
from triage.intake.versions import Picture, one_exposure
from triage.models import Case, Image
from triage.models.case_rules import SEALED
from triage.review.reading_rules import draw_blind


def is_read_blind(case: Case, pictures: Sequence[Picture], versions: Versions) -> bool:
    """For the decision on ``case``, which holds its pictures (``triage.intake.versions``).

    True if a sealed case of the site has one of them, in the same or in other bytes. False if each of them
    came before in the same bytes, or if the case is a version of another one: nothing of them is sealed then,
    and everybody may have seen what the model says. Else it is drawn.
    """
    others = (*versions.earlier, *versions.later)
    hashes = {picture.sha256 for picture in pictures}
    same = Image.objects.filter(site_id=case.site_id, sha256__in=hashes)
    sealed = Case.objects.filter(SEALED, site_id=case.site_id)
    if any(other.is_sealed for other in others) or same.filter(case__in=sealed).exists():
        return True
    if _is_sealed_in_other_bytes(case, pictures):
        return True
    is_seen = same.values("sha256").distinct().count() == len(hashes)
    return False if others or is_seen else draw_blind(case.site_id)


def _is_sealed_in_other_bytes(case: Case, pictures: Sequence[Picture]) -> bool:
    """Whether a sealed case has one of their instances. Whose order or patient it is said to be is not asked:
    who sends it again may say anything.
    """
    by_uid: dict[str, list[Picture]] = defaultdict(list)
    for picture in pictures:
        if picture.uid:
            by_uid[picture.uid].append(picture)
    if not by_uid:
        return False
    sealed = Case.objects.filter(SEALED, site_id=case.site_id)
    rows = Image.objects.filter(site_id=case.site_id, sop_instance_uid__in=by_uid, case__in=sealed)
    # Some devices give every picture one UID: those were taken at other times.
    return any(
        one_exposure(picture, Picture(0, "", "", uid, day, time))
        for uid, day, time in rows.values_list(
            "sop_instance_uid", "acquisition_date", "acquisition_time"
        )
        for picture in by_uid[uid]
    )
