"""Says which files of a case its site had before: docs/decisions/0004-duplicates.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from triage.models import Case, Image


class Same(StrEnum):
    """What is the same: the bytes, or the SOP Instance UID of other bytes, as after another export."""

    FILE = "file"
    INSTANCE = "instance"


@dataclass(frozen=True)
class Duplicate:
    """The same picture came to this site before."""

    file_name: str
    earlier_case_id: UUID
    earlier_accession: str
    same: Same = Same.FILE

    @property
    def is_in_other_bytes(self) -> bool:
        return self.same == Same.INSTANCE


def duplicates_of(case: Case) -> list[Duplicate]:
    """For each file of a received case, the first case of the site with the same bytes, else with the same
    SOP Instance UID.
    """
    images = list(case.images.all())
    by_bytes = _first_with("sha256", case, images)
    by_uid = _first_with("sop_instance_uid", case, [row for row in images if row.sop_instance_uid])
    found = []
    for image in images:
        if earlier := by_bytes.get(image.sha256):
            found.append(_duplicate(image, earlier, Same.FILE))
        elif earlier := by_uid.get(image.sop_instance_uid):
            found.append(_duplicate(image, earlier, Same.INSTANCE))
    return found


def _first_with(name: str, case: Case, images: Sequence[Image]) -> dict[str, Image]:
    """Value of the field → the first image of the site's earlier cases that has it."""
    values = {getattr(image, name) for image in images}
    if not values:
        return {}
    # Ids are in the order of arrival: a case that came later had no part in this one.
    earlier = Image.objects.filter(
        site_id=case.site_id, case__lt=case.pk, **{f"{name}__in": values}
    )
    # The index of UIDs leaves out the empty ones, and PostgreSQL uses it only if the query does.
    earlier = earlier.exclude(**{name: ""}).select_related("case")
    return {getattr(row, name): row for row in earlier.order_by(name, "created_at").distinct(name)}


def _duplicate(image: Image, earlier: Image, same: Same) -> Duplicate:
    return Duplicate(image.file_name, earlier.case_id, earlier.case.accession_number, same)
