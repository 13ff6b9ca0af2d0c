"""Says which files of a case its site had before: docs/decisions/0004-duplicates.md."""

from dataclasses import dataclass
from uuid import UUID

from triage.models import Case, Image


@dataclass(frozen=True)
class Duplicate:
    """The same bytes came to this site before."""

    file_name: str
    earlier_case_id: UUID
    earlier_accession: str


def duplicates_of(case: Case) -> list[Duplicate]:
    """For each file of a received case, the first case of the site with the same bytes."""
    names = dict(case.images.values_list("sha256", "file_name"))
    # Ids are in the order of arrival: a case that came later had no part in this one.
    earlier = Image.objects.filter(site_id=case.site_id, sha256__in=names, case__lt=case.pk)
    earlier = earlier.select_related("case").order_by("sha256", "created_at").distinct("sha256")
    return [
        Duplicate(names[image.sha256], image.case_id, image.case.accession_number)
        for image in earlier
    ]
