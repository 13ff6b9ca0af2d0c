"""Says which files of a case its site had before: docs/decisions/0004-duplicates.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.utils.translation import gettext as _

from triage.intake.versions import pictures_of, sent_again
from triage.models import Case, Image
from triage.models.case_names import SHORT_ID
from triage.short_names import short_name


class Same(StrEnum):
    """What is the same: the bytes, or the SOP Instance UID of other bytes, as after another export."""

    FILE = "file"
    INSTANCE = "instance"


class Outcome(StrEnum):
    """What it means for the two cases. LINKED: the case is a newer version of the earlier one, and both stay.
    REPLACED: it has ended the earlier one. NOTED: nothing but this note.
    """

    NOTED = "noted"
    LINKED = "linked"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Duplicate:
    """The same picture came to this site before."""

    file_name: str
    earlier_case_id: UUID
    earlier_accession: str
    same: Same = Same.FILE
    outcome: Outcome = Outcome.NOTED

    @property
    def earlier_name(self) -> str:
        """What the earlier case is called."""
        return self.earlier_accession or short_name(str(self.earlier_case_id)[-SHORT_ID:])

    @property
    def message(self) -> str:
        """What it means, for the sender; the earlier case is named behind it."""
        if self.outcome == Outcome.REPLACED:
            return _("a newer version of an open case, which it has replaced")
        if self.outcome == Outcome.LINKED:
            return _(
                "a newer version of a picture of another case; both stay, and each names the other"
            )
        if self.same == Same.INSTANCE:
            return _("the same picture was sent before, in another file")
        return _("the same file was sent before")


def duplicates_of(case: Case, images: Sequence[Image] | None = None) -> list[Duplicate]:
    """For each file of a received case, the first case of the site with the same bytes, else the newest one
    of which it is a newer version, else the first one with the same SOP Instance UID.

    ``images``: those of the case, where the caller has them.
    """
    if images is None:
        images = list(case.images.all())
    by_bytes = _first_with("sha256", case, images)
    instances = [row for row in images if row.sop_instance_uid]
    by_uid = _first_with("sop_instance_uid", case, instances)
    versions = _newest_versions(case) if by_uid else {}
    found = []
    for image in images:
        if earlier := by_bytes.get(image.sha256):
            found.append(Duplicate(image.file_name, *earlier, Same.FILE))
        elif version := versions.get(image.position):
            outcome = Outcome.REPLACED if version.replaced_by_id == case.pk else Outcome.LINKED
            said = (version.pk, version.accession_number, Same.INSTANCE, outcome)
            found.append(Duplicate(image.file_name, *said))
        elif earlier := by_uid.get(image.sop_instance_uid):
            found.append(Duplicate(image.file_name, *earlier, Same.INSTANCE))
    return found


def _newest_versions(case: Case) -> dict[int, Case]:
    """Position of a picture → the newest earlier case of which it is a newer version."""
    earlier = list(case.newer_version_of.order_by("pk"))
    pictures = pictures_of([case.pk, *(other.pk for other in earlier)])
    return {
        position: other
        for other in earlier
        for position, _earlier in sent_again(pictures[case.pk], pictures[other.pk])
    }


def _first_with(name: str, case: Case, images: Sequence[Image]) -> dict[str, tuple[UUID, str]]:
    """Value of the field → the first of the site's earlier cases that has it: its id and accession number."""
    values = {getattr(image, name) for image in images}
    if not values:
        return {}
    # Ids are in the order of arrival: a case that came later had no part in this one.
    earlier = Image.objects.filter(
        site_id=case.site_id, case__lt=case.pk, **{f"{name}__in": values}
    )
    # The index of UIDs leaves out the empty ones, and PostgreSQL uses it only if the query does.
    first = earlier.exclude(**{name: ""}).order_by(name, "created_at").distinct(name)
    found = first.values_list(name, "case_id", "case__accession_number")
    return {value: (case_id, accession) for value, case_id, accession in found}
