"""Claims, reviews, withdrawals and retries over REST: the services decide, the statuses say it."""

import pytest
from django.urls import reverse

from tests.factories import make_case, make_prediction, make_release
from triage.inference.case_update import update_cases
from triage.models import Case, Job, Prediction, Review
from triage.states import CaseState, JobState

pytestmark = pytest.mark.usefixtures("storage")


def post(client, name, key, **body):
    return client.post(reverse(name, args=[key]), body, content_type="application/json")


def test_a_claim_is_taken_renewed_and_given_back(people, signed_in, case):
    reviewer, other = signed_in(people.reviewer), signed_in(people.clinician2)
    taken = post(reviewer, "api_case_claim", case.pk)
    assert taken.status_code == 200
    assert taken.json()["holder"]["id"] == str(people.reviewer.pk)
    renewed = post(reviewer, "api_case_renew", case.pk)
    assert renewed.json()["until"] >= taken.json()["until"]
    refused = post(other, "api_case_claim", case.pk)
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "claimed_by_another"
    assert "Rita Reviewer" in refused.json()["error"]["message"]
    address = reverse("api_case_claim", args=[case.pk])
    assert other.delete(address).status_code == 409
    assert reviewer.delete(address).status_code == 204
    assert post(other, "api_case_claim", case.pk).status_code == 200


def test_a_claim_takes_no_fields(people, signed_in, case):
    answer = post(signed_in(people.reviewer), "api_case_claim", case.pk, minutes=600)
    assert answer.status_code == 400
    assert set(answer.json()["error"]["fields"]) == {"minutes"}


def test_agreeing_takes_the_classes_of_the_model_and_closes_the_case(people, signed_in, case):
    client = signed_in(people.reviewer)
    prediction = Prediction.objects.get(image__case=case)
    body = {"opinion": "agree", "comment": " Sure. ", "prediction": str(prediction.pk)}
    answer = post(client, "api_case_reviews", case.pk, **body)
    assert answer.status_code == 201
    review = answer.json()
    assert (review["classes"], review["comment"]) == (["oblique"], "Sure.")
    assert (review["case"], review["prediction"]) == (str(case.pk), str(prediction.pk))
    assert Case.objects.get(pk=case.pk).state == CaseState.REVIEWED
    again = post(signed_in(people.clinician2), "api_case_reviews", case.pk, opinion="no_fracture")
    assert again.status_code == 409
    assert Review.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "conclusion"),
    [({"call": "negative"}, "no_fracture"), ({"assessable": False}, "not_assessable")],
)
def test_agreeing_with_a_prediction_without_a_class_says_what_it_comes_to(
    site, people, signed_in, said, conclusion
):
    case = make_case(site, people.clinician, finding=said)
    client = signed_in(people.reviewer)
    body = {"opinion": "agree", "prediction": str(case.deciding_prediction_id)}
    review = post(client, "api_case_reviews", case.pk, **body).json()
    assert (review["opinion"], review["classes"]) == ("agree", [])
    assert review["conclusion"] == conclusion
    listed = client.get(reverse("api_case_reviews", args=[case.pk])).json()["results"]
    assert [each["conclusion"] for each in listed] == [conclusion]


def test_agreeing_to_a_prediction_that_changed_is_409(people, signed_in, case):
    seen = Prediction.objects.get(image__case=case)
    make_prediction(case.first_image, make_release(), "spiral", 0.9)
    update_cases([case.pk])
    answer = post(
        signed_in(people.reviewer),
        "api_case_reviews",
        case.pk,
        opinion="agree",
        prediction=str(seen.pk),
    )
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "suggestion_changed"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, {"fracture"}),
        ({"fracture": "maybe"}, {"fracture"}),
        ({"opinion": "maybe"}, {"opinion"}),
        ({"opinion": "other_class", "classes": ["broken"]}, {"classes"}),
        ({"opinion": "no_fracture", "comment": "x" * 4001}, {"comment"}),
        ({"opinion": "agree", "prediction": "1"}, {"prediction"}),
        ({"opinion": "agree", "reader": "me"}, {"reader"}),
        ({"opinion": "other_class"}, set()),
    ],
)
def test_an_opinion_that_does_not_hold_together_is_400(people, signed_in, case, body, named):
    answer = post(signed_in(people.reviewer), "api_case_reviews", case.pk, **body)
    assert answer.status_code == 400
    assert set(answer.json()["error"]["fields"]) == named
    assert not Review.objects.exists()


def test_a_correction_is_added_and_both_are_listed(people, signed_in, case):
    client = signed_in(people.reviewer)
    first = post(client, "api_case_reviews", case.pk, opinion="no_fracture").json()
    body = {"opinion": "other_class", "classes": ["spiral"], "comment": "On a second look."}
    second = post(client, "api_review_corrections", first["id"], **body)
    assert second.status_code == 201
    assert second.json()["supersedes"] == first["id"]
    assert post(client, "api_review_corrections", first["id"], **body).status_code == 409
    listed = client.get(reverse("api_case_reviews", args=[case.pk])).json()["results"]
    assert [(each["id"], each["superseded_by"]) for each in listed] == [
        (first["id"], second.json()["id"]),
        (second.json()["id"], None),
    ]


def test_reviews_cost_the_same_queries_however_many(
    people, signed_in, case, django_assert_max_num_queries
):
    client = signed_in(people.reviewer)
    last = post(client, "api_case_reviews", case.pk, opinion="no_fracture").json()
    for number in range(4):
        comment = f"Once more, {number}"
        answer = post(
            client, "api_review_corrections", last["id"], opinion="no_fracture", comment=comment
        )
        last = answer.json()
    with django_assert_max_num_queries(5):
        listed = client.get(reverse("api_case_reviews", args=[case.pk])).json()["results"]
    assert len(listed) == 5


def test_a_withdrawal_says_who_and_why(people, signed_in, case):
    client = signed_in(people.clinician)
    assert post(client, "api_case_withdraw", case.pk).status_code == 400
    assert post(client, "api_case_withdraw", case.pk, reason=" ").status_code == 400
    answer = post(client, "api_case_withdraw", case.pk, reason="Wrong patient")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["state"], body["withdrawn_reason"]) == ("withdrawn", "Wrong patient")
    assert body["withdrawn_by"]["name"] == "Clara Clinician"
    assert post(client, "api_case_withdraw", case.pk, reason="Again").status_code == 409


def test_a_failed_case_is_retried_by_whoever_reads_it(site, people, signed_in):
    for person in (people.clinician, people.reviewer, people.service):
        case = make_case(site, people.clinician, CaseState.FAILED)
        answer = post(signed_in(person), "api_case_retry", case.pk)
        assert answer.status_code == 200
        assert answer.json()["state"] == "received"
        assert answer.json()["images"][0]["job"]["state"] == "queued"
        assert Job.objects.get(image__case=case).state == JobState.QUEUED


def test_a_service_neither_claims_nor_signs(people, signed_in, case):
    client = signed_in(people.service)
    assert post(client, "api_case_claim", case.pk).status_code == 403
    answer = post(client, "api_case_reviews", case.pk, opinion="no_fracture")
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "no_signing_role"
    assert not Review.objects.exists()
