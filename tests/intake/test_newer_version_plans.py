"""What it costs to find earlier versions of a case at a large site."""

from datetime import timedelta
from functools import partial

from django.db import connections, transaction
from django.utils import timezone

from accounts.identifiers import new_id
from accounts.roles import Role
from tests.factories import make_member, make_site
from tests.intake.test_newer_versions import ORDER, STUDY
from tests.plans import plans_of
from triage.intake.blindness import is_read_blind
from triage.intake.details import CaseDetails
from triage.intake.replacing import Versions
from triage.intake.versions import Picture, cases_with_its_instances
from triage.models import Case, Image, Series, Study
from triage.states import CaseState
from triage.vocabulary import BodyPart, Sex, Source


def test_a_uid_that_a_whole_site_has_costs_no_more(committed_db):
    """One device gives every picture of the site one UID. The few cases that agree are looked at. Committed
    and analysed, so that the plan is that of a running site.
    """
    site = make_site()
    sender = make_member(site, Role.CLINICIAN)
    known = Case.objects.bulk_create(
        bare_case(site, sender, accession_number=f"ORD-{number}") for number in range(4000)
    )
    Image.objects.bulk_create(
        bare_image(case, number, sop_instance_uid=f"{STUDY}.1") for number, case in enumerate(known)
    )
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE triage_case, triage_image")
    details = CaseDetails(accession_number=ORDER, body_part=BodyPart.WRIST, sex=Sex.FEMALE)
    pictures = [Picture(1, "0" * 64, STUDY, f"{STUDY}.1")]
    found: list = []
    with transaction.atomic():  # it holds the studies until the end
        plans = plans_of(
            lambda: found.extend(cases_with_its_instances(site.pk, new_id(), details, pictures))
        )
    assert found == [known[77].pk]
    assert sum(plan.rows("triage_image") + plan.rows("triage_case") for plan in plans) < 20


def test_a_sealed_case_is_found_without_reading_the_site(committed_db):
    """The same device. Thousands of its cases were read, or read blind, or withdrawn; three are sealed."""
    site, other_site = make_site(), make_site()
    sender = make_member(site, Role.CLINICIAN)
    gone = {"state": CaseState.WITHDRAWN, "closed_at": timezone.now()}
    gone |= {"withdrawn_by": sender, "withdrawn_reason": "No"}
    read = {"state": CaseState.REVIEWED, "closed_at": timezone.now(), "is_blind": True}
    for place, kinds in (
        (
            site,
            [({}, 1000), (read, 2000), ({**gone, "is_blind": True}, 1000), ({"is_blind": True}, 3)],
        ),
        (other_site, [({}, 1000), ({**read, "is_blind": False}, 1000)]),
    ):
        with_one_uid(
            [bare_case(place, sender, **kind) for kind, count in kinds for _ in range(count)]
        )
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE triage_case, triage_image, triage_study, triage_series")
    pictures = [Picture(1, "f" * 64, STUDY, f"{STUDY}.1")]
    for place, is_blind in ((site, True), (other_site, False)):
        case = bare_case(place, sender)
        asked = partial(is_read_blind, case, pictures, Versions())
        plans = plans_of(asked)
        assert asked() == is_blind
        for table in ("triage_case", "triage_image", "triage_study", "triage_series"):
            assert sum(plan.rows(table) for plan in plans) < 20


def with_one_uid(cases) -> None:
    """Saves the cases, each with one picture of one instance."""
    Case.objects.bulk_create(cases)
    studies = Study.objects.bulk_create(
        Study(case=case, study_instance_uid=STUDY) for case in cases
    )
    series = Series.objects.bulk_create(
        Series(case=study.case, study=study, series_instance_uid=f"{STUDY}.9") for study in studies
    )
    Image.objects.bulk_create(
        bare_image(one.case, number, sop_instance_uid=f"{STUDY}.1", series=one)
        for number, one in enumerate(series)
    )


def bare_case(site, sender, **fields: object) -> Case:
    due_at = timezone.now() + timedelta(hours=24)
    place = {"body_part": BodyPart.WRIST, "source": Source.API, "state": CaseState.RECEIVED}
    place |= {"received_at": timezone.now(), "due_at": due_at, "priority_due_at": due_at}
    return Case(site=site, sender=sender, **{**place, **fields})


def bare_image(case, number: int, **fields: object) -> Image:
    values = {"kind": "dicom", "byte_size": 1, "width": 1, "height": 1, "bits": 8, "position": 1}
    return Image(case=case, site_id=case.site_id, sha256=f"{number:064x}", **values, **fields)
