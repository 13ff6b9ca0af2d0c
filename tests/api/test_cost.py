"""What a request about one case may cost: queries, and fields of serializers that are made once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.api.conftest import png
from tests.factories import make_release
from triage.api.case_detail_serializers import CaseDetailSerializer
from triage.intake import waiting

pytestmark = pytest.mark.usefixtures("storage")
# Sign-in, roles before the body and behind it, the request's row, the case's three rows, one look at its
# state, its answer with other versions, and duplicates. A test's transaction has savepoints where a request
# begins and commits.
MOST_OF_A_POST, MOST_OF_A_GET = 23, 10
MOST_OF_AN_ACCEPT = 17


@pytest.mark.parametrize("files", [1, 3])
def test_an_upload_asks_nothing_twice(site, people, signed_in, monkeypatch, files):
    make_release()
    client, decode = signed_in(people.clinician), waiting.wait_a_moment
    with CaptureQueriesContext(connection) as queries:
        by_workers = []

        def wait(seconds: float) -> None:
            before = len(queries)
            decode(seconds)
            by_workers.append(len(queries) - before)

        monkeypatch.setattr(waiting, "wait_a_moment", wait)
        pictures = [png(f"{number}.png", number) for number in range(files)]
        fields = {"site": site.slug, "body_part": "WRIST", "images": pictures}
        answer = client.post(reverse("api_cases"), fields)
    assert answer.status_code == 201
    assert len(queries) - sum(by_workers) <= MOST_OF_A_POST


def test_an_accepted_case_that_still_arrives_is_not_searched_for_images(
    site, people, signed_in, django_assert_max_num_queries
):
    client = signed_in(people.clinician)
    fields = {"site": site.slug, "body_part": "WRIST", "images": [png()]}
    with django_assert_max_num_queries(MOST_OF_AN_ACCEPT):
        answer = client.post(reverse("api_cases"), fields, headers={"Prefer": "wait=0"})
    assert (answer.status_code, answer.json()["images"]) == (202, [])


def test_a_case_is_read_in_few_queries(people, signed_in, case, django_assert_max_num_queries):
    client = signed_in(people.clinician)
    with django_assert_max_num_queries(MOST_OF_A_GET):
        assert client.get(reverse("api_case", args=[case.pk])).status_code == 200


def test_a_person_with_many_tokens_costs_no_more(people, signed_in, django_assert_num_queries):
    for _ in range(3):
        client = signed_in(people.reviewer)
    with django_assert_num_queries(2):
        assert client.get(reverse("api_me")).status_code == 200


def test_each_serializer_has_fields_of_its_own():
    """Fields that are shared would find the request of another thread."""
    first, second = CaseDetailSerializer(), CaseDetailSerializer()
    for serializer in (first, second):
        images = serializer.fields["images"]
        assert images.child.fields["thumbnail"].root is serializer
        assert images.child.fields["series"].fields["study"].root is serializer
    assert first.fields["state"] is not second.fields["state"]
    assert first.fields["images"].child is not second.fields["images"].child
