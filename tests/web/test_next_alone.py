"""Next, where the open case is the only free one of its view."""

import pytest

from tests.web.test_next_page import NEXT, at, cases, page, reader  # noqa: F401
from triage.models import Reading
from triage.review.claims import claim

pytestmark = pytest.mark.usefixtures("storage")


def test_the_only_free_case_is_taken_where_it_is_looked_at(reader, people, cases):  # noqa: F811
    for case in cases[1:]:
        claim(case=case, reader=people.clinician2)
    answer = reader.post(NEXT, {"case": str(cases[0].pk)}, follow=True)
    assert answer.redirect_chain == [(at(cases[0]), 302)]
    assert "No other case in this view is free" in page(answer)
    assert Reading.objects.going_on().get(case=cases[0]).reader == people.reviewer
    assert "No case in this view is free for you now." in page(reader.post(NEXT, {}, follow=True))


def test_in_the_view_of_ones_own_cases_nothing_is_called_free(reader, people, cases):  # noqa: F811
    claim(case=cases[0], reader=people.reviewer)
    own = {"case": str(cases[0].pk), "view": "mine=1"}
    answer = reader.post(NEXT, own, follow=True)
    assert answer.redirect_chain[0][0].startswith(at(cases[0]))
    assert "You hold no other case of this view." in page(answer)
    assert "is free" not in page(answer)
    signed = {"fracture": "none", "then": "next", "view": "mine=1"}
    listed = page(reader.post(f"/cases/{cases[0].pk}/review/", signed, follow=True))
    assert "You hold no other case of this view." in listed
    assert "is free" not in listed
