"""A filter is one row of a table: URL, chips, form, REST and SQL know it by that row alone."""

from datetime import UTC, datetime

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts.refusals import Refused
from accounts.roles import Role
from tests.factories import make_case, make_membership
from triage.api.worklist import PARAMETERS
from triage.disclosure import Sortable
from triage.web.filter_form import chips, fields
from triage.worklist.filters import FILTERS
from triage.worklist.query import WorklistQuery

pytestmark = pytest.mark.usefixtures("storage")

SAMPLES = {"choices": None, "flag": "1", "fraction": "0.5", "day": "2026-01-31"}
OLD = [row.old_name for row in FILTERS if row.old_name]
SITES = [("north", "North Clinic"), ("south", "South Clinic")]


def sample(row):
    options = getattr(row.type, "options", ())
    return options[0].url_value if options else SAMPLES[row.type.form] or "north"


@pytest.mark.parametrize("row", FILTERS, ids=lambda row: row.name)
def test_a_filter_is_read_written_and_said(row):
    query = WorklistQuery.from_params(QueryDict(f"{row.name}={sample(row)}"))
    assert [name for name, _values in query.chosen] == [row.name]
    assert query.params() == f"{row.name}={sample(row)}"
    ((label, without),) = chips(query, SITES)
    assert label
    assert without == ""
    (field,) = [each for each in fields(query, SITES, Sortable()) if each.filter is row]
    assert field.chosen == [sample(row)]


def test_filters_of_one_row_of_the_form_are_neighbours():
    """The template groups neighbours only: a row apart from its neighbours would stand there twice."""
    rows = [row.form_row for row in FILTERS]
    assert rows == sorted(rows)


@pytest.mark.parametrize("row", FILTERS, ids=lambda row: row.name)
def test_a_filter_is_in_the_form_and_asked_of_the_database(site, other_site, people, row):
    make_membership(people.reviewer, other_site, Role.REVIEWER)
    make_case(site, people.clinician)
    client = Client()
    client.force_login(people.reviewer)
    query = f"{row.name}={sample(row)}"
    page = client.get(f"{reverse('worklist')}?{query}")
    assert page.status_code == 200
    percent = "_percent" if row.type.form == "fraction" else ""
    assert f'name="{row.name}{percent}"' in page.content.decode()
    assert client.get(f"{reverse('api_worklist')}?{query}").status_code == 200


def test_an_older_name_and_its_values_are_still_read():
    """Kept addresses and clients say "finding", and "refused" for what is not assessable."""
    assert OLD == ["finding"]
    old = WorklistQuery.from_params(QueryDict("finding=refused&finding=doubt"))
    new = WorklistQuery.from_params(QueryDict("call=not_assessable&call=doubt"))
    assert old == new
    assert new.params() == "call=not_assessable&call=doubt"


@pytest.mark.parametrize(
    ("params", "name"), [("finding=bogus", "finding"), ("call=bogus", "call"), ("=spiral", "")]
)
def test_a_refusal_names_the_parameter_that_was_given(params, name):
    with pytest.raises(Refused) as refused:
        WorklistQuery.from_params(QueryDict(params))
    assert str(refused.value).startswith(f"{name}: ")


def test_rest_describes_every_filter_and_nothing_else():
    described = [parameter.name for parameter in PARAMETERS]
    assert described == ["sort", "order", *(row.name for row in FILTERS), *OLD]
    values = {parameter.name: parameter.enum for parameter in PARAMETERS}
    assert values["finding"] == [*values["call"], "refused"]


def test_rest_counts_days_in_the_site_s_time_zone(site, people):
    """23:30 UTC is the next day in Berlin."""
    came = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    case = make_case(site, people.clinician, received_at=came)
    client = Client()
    client.force_login(people.reviewer)

    def of(day):
        body = client.get(f"{reverse('api_worklist')}?from={day}&to={day}").json()
        return [row["id"] for row in body["results"]]

    assert (of("2026-03-01"), of("2026-03-02")) == ([str(case.pk)], [])
    site.time_zone = "Europe/Berlin"
    site.save()
    assert (of("2026-03-01"), of("2026-03-02")) == ([], [str(case.pk)])


@pytest.mark.parametrize(
    ("typed", "share"), [("62.5", "0.625"), ("7", "0.07"), ("100", "1.0"), ("62,5", "0.625")]
)
def test_a_confidence_is_typed_in_per_cent_and_the_url_keeps_its_share(
    client, people, typed, share
):
    client.force_login(people.reviewer)
    typed = {"confidence_min_percent": typed, "confidence_max_percent": "", "sort": "class"}
    answer = client.get(reverse("worklist"), typed, follow=True)
    ((address, status),) = answer.redirect_chain
    assert status == 302
    assert QueryDict(address.split("?")[1]).dict() == {"confidence_min": share, "sort": "class"}
    shown = f"{float(share) * 100:g}"
    assert (
        f'name="confidence_min_percent" type="number" min="0" max="100" step="any" value="{shown}"'
        in (answer.text)
    )
    assert f"confidence from {shown} %" in answer.text


@pytest.mark.parametrize("typed", ["101", "-1", "nan", "much", "inf"])
def test_what_is_no_number_of_per_cent_is_said(client, people, typed):
    client.force_login(people.reviewer)
    answer = client.get(reverse("worklist"), {"confidence_max_percent": typed})
    assert answer.status_code == 400
    assert "Confidence to (%): use a number from 0 to 100." in answer.text
