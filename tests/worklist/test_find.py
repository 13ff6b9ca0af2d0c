"""Find: a case in any state, however what is known of it was typed."""

import base64
import unicodedata
from uuid import uuid4

import pytest
from django.db import connection

from accounts.refusals import Refused
from accounts.roles import Role
from tests.factories import make_case, make_image, make_membership
from triage.models import Case
from triage.states import CLOSED_STATES, INTAKE_STATES, OPEN_STATES, CaseState
from triage.worklist import hits
from triage.worklist.find import find
from triage.worklist.hits import MatchedField

pytestmark = pytest.mark.usefixtures("storage")

NAME = "Field-35-Äé１"


def found(user, text, **more):
    return [hit.case.pk for hit in find(user, text, **more).found]


def what(user, text):
    return {hit.case.pk: hit.matched for hit in find(user, text).found}


@pytest.mark.parametrize("state", [*OPEN_STATES, *CLOSED_STATES])
def test_a_case_is_found_in_every_state_by_all_that_is_known_of_it(site, people, state):
    case = make_case(
        site, people.clinician, state, accession_number="A-77", patient_reference="P-88"
    )
    file_name = case.first_image.file_name
    for text, field in (
        ("A-77", MatchedField.ACCESSION),
        ("P-88", MatchedField.PATIENT),
        (file_name, MatchedField.FILE),
        (str(case.pk), MatchedField.ID),
        (case.pk.hex.upper(), MatchedField.ID),
        (str(case.pk)[-8:], MatchedField.ID),
        ("…" + str(case.pk)[-8:].upper(), MatchedField.ID),
    ):
        assert what(people.reviewer, text) == {case.pk: (field,)}, text
    assert found(people.reviewer, "A-78") == []


@pytest.mark.parametrize("state", INTAKE_STATES)
def test_nobody_finds_a_case_that_arrives_or_was_refused(site, people, state):
    known = {"accession_number": "A-77", "patient_reference": "P-88"}
    case = make_case(site, people.clinician, state, **known)
    for person in (people.clinician, people.reviewer):
        for text in ("A-77", "P-88", "A-7", "77", "file-1.png", str(case.pk), str(case.pk)[-8:]):
            assert found(person, text) == [], text


@pytest.mark.parametrize("stored", [NAME, unicodedata.normalize("NFD", NAME), NAME.upper()])
@pytest.mark.parametrize(
    "typed",
    [
        NAME,
        unicodedata.normalize("NFC", NAME),
        unicodedata.normalize("NFD", NAME),
        NAME.replace("１", "1").lower(),
        "　ｆｉｅｌｄ-３５-äé1 ",
        "FIELD-35-Ä",
        "-35-äÉ",
    ],
)
def test_however_it_is_typed_it_is_the_same(site, people, stored, typed):
    case = make_case(site, people.clinician, CaseState.REVIEWED, accession_number=stored)
    assert found(people.reviewer, typed) == [case.pk]


def test_an_earlier_case_of_the_same_patient_is_found(site, people):
    earlier = make_case(site, people.clinician, CaseState.REVIEWED, patient_reference="PSEUDO 9")
    now = make_case(site, people.clinician, patient_reference="pseudo 9")
    make_case(site, people.clinician, patient_reference="PSEUDO 8")
    assert found(people.reviewer, "Pseudo 9") == [now.pk, earlier.pk]


def test_a_whole_match_comes_before_a_beginning_and_a_part_and_the_newest_first(site, people):
    names = ("X-1-X", "OLD-1", "1", "1-NEW", "1", "1-NEWEST")
    cases = [make_case(site, people.clinician, accession_number=name) for name in names]
    part, part2, whole, beginning, whole2, beginning2 = (case.pk for case in cases)
    order = [whole2, whole, beginning2, beginning, part2, part]
    by_accession = [
        hit.case.pk
        for hit in find(people.reviewer, "1").found
        if MatchedField.ACCESSION in hit.matched
    ]
    assert by_accession[:6] == order


def test_pages_hold_every_case_once_and_their_cursors_hold_nothing_that_was_typed(site, people):
    cases = [
        make_case(site, people.clinician, accession_number="GEHEIM", patient_reference="GEHEIM")
        for _ in range(4)
    ] + [make_case(site, people.clinician, accession_number=f"GEHEIM-{n}") for n in range(3)]
    seen, cursor = [], ""
    while cursor is not None:
        page = find(people.reviewer, "geheim", cursor, 2)
        seen.append([hit.case.pk for hit in page.found])
        cursor = page.next_cursor
        if cursor:
            assert b"GEHEIM" not in base64.urlsafe_b64decode(cursor + "==").upper()
    assert [len(page) for page in seen] == [2, 2, 2, 1]
    flat = [case_id for page in seen for case_id in page]
    assert flat == [case.pk for case in (*cases[3::-1], *cases[:3:-1])]


def test_a_case_is_found_once_though_several_of_its_files_fit(site, people):
    case = make_case(site, people.clinician, accession_number="scan")
    for position, name in enumerate(("scan", "scan.dcm", "scan"), 2):
        make_image(case, position, file_name=name)
    page = find(people.reviewer, "Scan")
    assert [(hit.case.pk, hit.matched) for hit in page.found] == [
        (case.pk, (MatchedField.ACCESSION, MatchedField.FILE))
    ]


def test_nobody_finds_a_case_of_a_site_that_they_do_not_read(site, other_site, people):
    case = make_case(site, people.clinician, accession_number="WALL", patient_reference="WALL")
    make_image(case, 2, file_name="wall.png")
    for person in (people.stranger, people.admin, people.staff):
        for text in ("WALL", "wal", "all", "wall.png", str(case.pk), str(case.pk)[-8:]):
            assert found(person, text) == []
    assert found(people.reviewer, "WALL") == [case.pk]
    theirs = make_case(other_site, people.stranger, accession_number="WALL")
    make_membership(people.reviewer, other_site, Role.REVIEWER)
    assert found(people.reviewer, "WALL") == [theirs.pk, case.pk]


@pytest.mark.parametrize(
    "text", ["%", "_", "\\", "'", "100%_", "A_7", "*", "\U0010ffff", "ﷺ" * 120]
)
def test_a_sign_stands_for_itself(site, people, text):
    make_case(site, people.clinician, accession_number="A-77")
    assert found(people.reviewer, text) == []
    case = make_case(site, people.clinician, CaseState.REVIEWED, accession_number=f"{text[:8]}x")
    assert found(people.reviewer, text[:8]) == [case.pk]


@pytest.mark.parametrize("text", ["", "   ", "\u3000", "\0", "a\0b", "\ud800", "x" * 121])
def test_what_can_not_be_looked_for_is_refused(people, text):
    with pytest.raises(Refused):
        find(people.reviewer, text)


@pytest.mark.parametrize("cursor", ["x", "WzAsMV0", "WzAsMSwyLDNd", "é", "WzAsIngiLCJ5Il0"])
def test_a_damaged_cursor_is_refused(people, cursor):
    with pytest.raises(Refused) as refused:
        find(people.reviewer, "A", cursor)
    assert refused.value.code == "bad_cursor"


def test_whatever_a_case_holds_can_be_stored_and_found(site, people):
    """A ligature is 18 letters by NFKC: a key must neither overflow its column nor its index."""
    case = make_case(
        site,
        people.clinician,
        accession_number="ﷺ" * 64,
        patient_reference="𝟘" * 64,
    )
    make_image(case, 2, file_name="ﷺ" * 120)
    assert found(people.reviewer, "0" * 64) == [case.pk]
    assert found(people.reviewer, "ﷺ" * 64) == [case.pk]


def test_more_hits_than_are_looked_at_are_said(site, people, monkeypatch):
    for _ in range(4):
        make_case(site, people.clinician, accession_number="MANY")
    assert not find(people.reviewer, "MANY").too_many
    monkeypatch.setattr(hits, "MOST_HITS", 3)
    assert find(people.reviewer, "MANY").too_many
    assert find(people.reviewer, "MAN").too_many


def test_a_part_is_looked_for_in_the_newest_cases_only(site, people, monkeypatch):
    old = make_case(site, people.clinician, accession_number="PRE-OLD")
    new = make_case(site, people.clinician, accession_number="PRE-NEW")
    make_image(new, 2, file_name="a-re-new.png")
    monkeypatch.setattr(hits, "NEWEST", 1)
    monkeypatch.setattr(hits, "FEWEST_OF_A_SITE", 1)
    assert found(people.reviewer, "RE-") == [new.pk]
    assert found(people.reviewer, "PRE-OLD") == [old.pk]


def test_a_key_can_not_drift_from_what_it_is_a_key_of(site, people):
    case = make_case(site, people.clinician, accession_number="Before")
    Case.objects.filter(pk=case.pk).update(accession_number="After")
    assert found(people.reviewer, "before") == []
    assert found(people.reviewer, "after") == [case.pk]
    with connection.cursor() as cursor, pytest.raises(Exception, match="generated"):
        cursor.execute("UPDATE triage_case SET accession_key = 'x'")


def test_an_id_of_nothing_finds_nothing(people):
    assert found(people.reviewer, str(uuid4())) == []


def test_find_asks_a_fixed_number_of_queries(site, people, django_assert_num_queries):
    for _ in range(3):
        make_case(site, people.clinician, accession_number="SAME", images=2)
    with django_assert_num_queries(6):
        find(people.reviewer, "same")
