"""What REST says of a case that was sent again in other bytes: docs/decisions/0043-a-newer-version.md."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.api.test_cases import CASES, send
from tests.intake.test_newer_versions import film
from triage.models import Case
from triage.review.opinion import GivenOpinion
from triage.review.services import sign

pytestmark = pytest.mark.usefixtures("storage")


def files(*films: bytes):
    return [SimpleUploadedFile(f"{n}.dcm", data) for n, data in enumerate(films, start=1)]


def test_both_cases_name_each_other(site, people, signed_in):
    client = signed_in(people.clinician)
    old = send(client, site, *files(film(1), film(2))).json()
    sign(case=Case.objects.get(), reader=people.reviewer, given=GivenOpinion("none"))
    new = send(client, site, *files(film(3), film(2, "second"))).json()
    assert [row["outcome"] for row in new["duplicates"]] == ["linked"]
    (earlier,) = new["newer_version_of"]
    assert (earlier["case"], earlier["images"]) == (old["id"], [2])
    assert earlier["message"] == (
        f"Case ORD-77 ({old['short_name']}) has an earlier version of picture 2. The signature on it was for "
        "the earlier file, so this case is read anew."
    )
    old = client.get(f"{CASES}/{old['id']}").json()
    (newer,) = old["newer_versions"]
    assert (newer["case"], newer["images"], old["replaced_by"]) == (new["id"], [2], None)
    assert newer["message"].endswith("The signature here is for the earlier file.")


def test_a_case_that_was_replaced_says_by_which(site, people, signed_in):
    client, reader = signed_in(people.clinician), signed_in(people.reviewer)
    old = send(client, site, *files(film())).json()
    reader.post(f"{CASES}/{old['id']}/claim", {}, "application/json")
    new = send(client, site, *files(film(exporter="second"))).json()
    body = {"opinion": "no_fracture"}
    refused = reader.post(f"{CASES}/{old['id']}/reviews", body, "application/json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "case_replaced")
    old = reader.get(f"{CASES}/{old['id']}").json()
    assert (old["state"], old["replaced_by"], old["withdrawn_reason"]) == (
        "withdrawn",
        new["id"],
        "",
    )
    assert old["newer_versions"][0]["message"].endswith("Nobody signs this one.")
    assert (new["state"], new["newer_version_of"][0]["case"]) == ("received", old["id"])
