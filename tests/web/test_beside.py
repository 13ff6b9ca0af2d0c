"""What may be shown beside a picture: earlier X-rays of the same patient that the reader may see."""

import re

import pytest
from django.urls import reverse

from accounts.roles import Role
from tests.factories import make_case, make_member
from triage.models import Case
from triage.states import CaseState
from triage.vocabulary import BodyPart, Side

pytestmark = pytest.mark.usefixtures("storage")


def listed(client, case) -> list[dict]:
    answer = client.get(reverse("case_beside", args=[case.pk]))
    assert answer.status_code == 200
    return answer.json()["pictures"]


def addresses(*cases: Case) -> list[str]:
    return [
        reverse("image", args=[image.pk, "display"])
        for case in cases
        for image in case.images.order_by("position")
    ]


def test_the_same_part_and_side_come_first_then_the_newest(site, people, client):
    patient = {"patient_reference": "P-77"}
    right = {**patient, "body_part": BodyPart.WRIST, "side": Side.RIGHT}
    sender = people.clinician
    oldest = make_case(site, sender, **right, images=2)
    other_side = make_case(site, sender, **patient, body_part=BodyPart.WRIST, side=Side.LEFT)
    other_part = make_case(site, sender, **patient, body_part=BodyPart.HAND, side=Side.RIGHT)
    newer = make_case(site, sender, CaseState.REVIEWED, **right)
    make_case(site, sender, **{**right, "patient_reference": "P-78"})
    make_case(site, sender, CaseState.WITHDRAWN, **right)
    make_case(site, sender, CaseState.REFUSED, **right)
    case = make_case(site, sender, **{**right, "patient_reference": "p-77"})  # as Find compares
    later = make_case(site, sender, **right)
    client.force_login(people.reviewer)
    found = listed(client, case)
    assert [one["display"] for one in found] == addresses(newer, oldest, other_side, other_part)
    assert "Wrist" in found[0]["label"]
    assert "P-77" not in str(found)
    assert {one["number"] for one in found} == {0}  # no picture of this case
    assert [one["display"] for one in listed(client, later)][:2] == addresses(case, newer)
    # The page's head names the same ones in the same order.
    page = client.get(reverse("case", args=[case.pk])).text
    asked = page[page.index('class="asked"') : page.index('id="viewer"')]
    linked = re.findall(r'href="/cases/([^/]+)/"', asked)
    assert linked == [str(one.pk) for one in (newer, oldest, other_side, other_part)]


def test_another_site_s_equal_reference_is_somebody_else(site, other_site, people, client):
    reader = make_member(site, Role.REVIEWER)
    make_case(other_site, people.stranger, patient_reference="P-77")
    case = make_case(site, people.clinician, patient_reference="P-77")
    client.force_login(reader)
    assert listed(client, case) == []
    assert listed(client, make_case(site, people.clinician)) == []  # nobody said who it is
