"""What it costs to find earlier versions of a case at a large site."""

from datetime import timedelta

from django.db import connections, transaction
from django.utils import timezone

from accounts.identifiers import new_id
from accounts.roles import Role
from tests.factories import make_member, make_site
from tests.intake.test_newer_versions import ORDER, STUDY
from tests.plans import plans_of
from triage.intake.details import CaseDetails
from triage.intake.versions import Picture, cases_with_its_instances
from triage.models import Case, Image
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


def bare_case(site, sender, **fields: object) -> Case:
    due_at = timezone.now() + timedelta(hours=24)
    place = {"body_part": BodyPart.WRIST, "source": Source.API, "state": CaseState.RECEIVED}
    return Case(site=site, sender=sender, due_at=due_at, priority_due_at=due_at, **place, **fields)


def bare_image(case, number: int, **fields: object) -> Image:
    values = {"kind": "dicom", "byte_size": 1, "width": 1, "height": 1, "bits": 8, "position": 1}
    return Image(case=case, site_id=case.site_id, sha256=f"{number:064x}", **values, **fields)
