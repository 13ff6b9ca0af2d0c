"""Short names of cases: said over the telephone, typed, found."""

import re

import pytest
from django.urls import reverse

from tests.factories import make_case
from triage.short_names import short_id_of, short_name


@pytest.mark.parametrize(
    ("short_id", "said"),
    # The examples of the article, from IPv4 addresses.
    [("7f000001", "lusab-babad"), ("3f54dcc1", "gutih-tugad"), ("d844e815", "todah-vobij")],
)
def test_it_is_the_proquint_of_the_article(short_id, said):
    assert short_name(short_id) == said
    assert short_id_of(said) == short_id_of(f" {said.upper().replace('-', ' ')} ") == short_id


@pytest.mark.parametrize(
    "text", ["", "gutih", "gutih-tuga", "gutih-tugae", "gutih-tugad-babad", "4711"]
)
def test_other_texts_are_none(text):
    assert short_id_of(text) is None


def test_a_case_is_found_by_the_name_that_its_page_has(site, people, client):
    case = make_case(site, people.clinician, accession_number="")
    make_case(site, people.clinician, accession_number="")
    client.force_login(people.reviewer)
    page = client.get(reverse("case", args=[case.pk])).text
    (title,) = re.findall("<title>(.+?)</title>", page)
    assert title == f"{case.short_name} · Callus"
    found = client.post(reverse("worklist_find"), {"text": case.short_name}).text
    assert re.findall(r'<tr id="case-(.+?)"', found) == [str(case.pk)]


@pytest.mark.parametrize("address", ["worklist", "case"])
def test_no_page_calls_a_case_by_its_uuid(site, people, client, address):
    case = make_case(site, people.clinician, accession_number="")
    case.images.update(file_name="wrist.png")
    client.force_login(people.reviewer)
    page = client.get(reverse(address, args=[case.pk] if address == "case" else [])).text
    seen = re.sub(r"<[^>]+>", " ", page)
    assert str(case.pk) not in seen and str(case.pk)[-8:] not in seen
    assert "wrist.png" in seen and case.heading == "wrist.png"
