"""What pages say of a case that was sent again in other bytes: docs/decisions/0043-a-newer-version.md."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.intake.test_newer_versions import film, sent, signed
from triage.review import claims

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def reader(people):
    client = Client()
    client.force_login(people.reviewer)
    return client


def page(client, case) -> str:
    return " ".join(client.get(reverse("case", args=[case.pk])).content.decode().split())


def test_who_reads_a_case_that_was_replaced_is_sent_to_the_new_one(site, people, reader):
    old = sent(people.clinician, site, film()).case
    claims.claim(case=old, reader=people.reviewer)
    new = sent(people.clinician, site, film(exporter="second")).case
    address = reverse("case", args=[new.pk])
    renewal = reader.post(reverse("case_renew", args=[old.pk]))
    assert (renewal.status_code, renewal.json()["newer"]) == (409, address)
    assert f"{new.short_name}" in renewal.json()["message"]
    given = {"fracture": "none", "comment": "My words", "prediction": ""}
    answer = reader.post(reverse("case_review", args=[old.pk]), given)
    assert answer.status_code == 409
    shown = " ".join(answer.content.decode().split())
    for said in ("has replaced it. Nobody signs this one.", f'href="{address}"', "My words"):
        assert said in shown
    assert f"sent again, as case ORD-77 ({new.short_name})" in page(reader, old)
    assert "has replaced it before anybody signed that one" in page(reader, new)


def test_a_signed_case_and_its_newer_version_name_each_other(site, people, reader):
    old = sent(people.clinician, site, film(1), film(2)).case
    signed(old, people.reviewer)
    new = sent(people.clinician, site, film(2, "second")).case
    on_old, on_new = page(reader, old), page(reader, new)
    assert f"A newer version of picture 2 came as case ORD-77 ({new.short_name})." in on_old
    assert on_old.count("A newer version of this picture has come") == 1
    assert "The signature on it was for the earlier file, so this case is read anew." in on_new
    for shown, other in ((on_old, new), (on_new, old)):
        assert reverse("case", args=[other.pk]) in shown


def test_of_versions_that_replaced_one_another_the_last_is_named(site, people, reader):
    read = sent(people.clinician, site, film()).case
    signed(read, people.reviewer)
    second, third, last = (sent(people.clinician, site, film(1, name)).case for name in "bcd")
    for earlier, said in (
        (read, "came as case"),
        (second, "has replaced it"),
        (third, "has replaced it"),
    ):
        # What an open page reads when a case ends is no text of it.
        shown = re.sub(r'data-says="[^"]*"', "", page(reader, earlier))
        assert shown.count("A newer version of this picture has come") == 1
        assert shown.count("A newer version of") == 2
        assert f"came as case ORD-77 ({last.short_name})" in shown and said in shown


def test_an_open_case_of_which_a_part_came_anew_says_which(site, people, reader):
    old = sent(people.clinician, site, film(1), film(2)).case
    new = sent(people.clinician, site, film(1, "second")).case
    assert "A newer version of picture 1 is in case" in page(reader, old)
    assert "which is still open, has an earlier version of the picture." in page(reader, new)


def test_the_form_of_the_upload_page_says_what_became_of_it(site, people):
    client = Client()
    client.force_login(people.clinician)
    said = []
    for exporter in ("first", "second"):
        file = SimpleUploadedFile("wrist.dcm", film(exporter=exporter))
        form = {"site": site.slug, "body_part": "WRIST", "images": [file]}
        said.append(client.post(reverse("upload"), form).content.decode())
    assert "which it has replaced:" in said[1] and "which it has replaced:" not in said[0]
