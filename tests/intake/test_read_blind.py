"""What is identical is read blind together: docs/decisions/0052-a-blind-first-reading.md."""

import pytest
from django.utils import timezone

from tests.factories import incoming, make_release, picture_bytes, receive_case
from tests.intake.test_newer_versions import film, links, sent
from triage.intake.details import CaseDetails
from triage.intake.services import withdraw_case
from triage.models import Case
from triage.review.first_reading import lock_first_reading
from triage.review.opinion import GivenOpinion
from triage.review.reading_rules import set_reading_rules
from triage.review.services import sign
from triage.vocabulary import BodyPart, Source

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def draws(site, people):
    """Says what the next cases are drawn: blind, or open."""
    make_release()

    def draw(blind: bool) -> None:
        percent = 100 if blind else 0
        set_reading_rules(site=site, actor=people.admin, blind_percent=percent)

    return draw


def photo(sender, site, *seeds: int, accession: str = ""):
    """A case of pictures without an instance."""
    return receive_case(
        sender=sender,
        site=site,
        files=[incoming(f"{seed}.png", picture_bytes(seed)) for seed in seeds],
        details=CaseDetails(body_part=BodyPart.WRIST, accession_number=accession),
        source=Source.API,
    ).case


def test_the_same_file_under_another_accession_number_is_sealed_too(site, people, draws):
    draws(blind=True)
    photo(people.clinician, site, 1, accession="ORD-1")
    draws(blind=False)
    again = photo(people.clinician2, site, 1, accession="ORD-2")
    with_another = photo(people.clinician, site, 2, 1)
    assert again.is_sealed and with_another.is_sealed
    assert not photo(people.clinician, site, 3).is_blind


def test_a_chain_of_cases_that_share_a_picture_is_sealed(site, people, draws):
    draws(blind=True)
    photo(people.clinician, site, 1, 2)
    draws(blind=False)
    assert photo(people.clinician, site, 2, 3).is_sealed
    assert photo(people.clinician, site, 3).is_sealed


def test_a_withdrawn_case_is_not_drawn_anew_by_sending_it_again(site, people, draws):
    draws(blind=True)
    case = photo(people.clinician, site, 1)
    withdraw_case(case=case, actor=people.clinician, reason="Wrong accession number")
    draws(blind=False)
    assert photo(people.clinician, site, 1).is_sealed


def test_the_same_instance_in_other_bytes_is_sealed_whatever_its_order_says(site, people, draws):
    draws(blind=True)
    sent(people.clinician, site, film())
    draws(blind=False)
    other = {"AccessionNumber": "ORD-99", "PatientSex": "M"}
    assert sent(people.clinician, site, film(exporter="second", **other)).case.is_sealed
    twice = [film(exporter="third", **other), film(exporter="fourth", **other)]
    assert sent(people.clinician, site, *twice).case.is_sealed


def test_another_exposure_with_the_same_uid_is_drawn_for_itself(site, people, draws):
    draws(blind=True)
    sent(people.clinician, site, film())
    draws(blind=False)
    later = film(exporter="second", AcquisitionTime="111111", AccessionNumber="ORD-99")
    assert not sent(people.clinician, site, later).case.is_blind


ONE_UID = {"SOPInstanceUID": "1.2.840.99.1", "AcquisitionTime": ""}


@pytest.mark.parametrize("study", ["1.2.840.99.8", ""])
def test_a_device_that_gives_every_picture_one_uid_blinds_no_site(site, people, draws, study):
    draws(blind=True)
    for_one = {**ONE_UID, "AccessionNumber": "ORD-1", "StudyInstanceUID": "1.2.3" if study else ""}
    assert sent(people.clinician, site, film(1, **for_one)).case.is_sealed
    draws(blind=False)
    for_another = {**ONE_UID, "AccessionNumber": "ORD-2", "StudyInstanceUID": study}
    assert not sent(people.clinician, site, film(2, **for_another)).case.is_blind


def test_an_instance_that_a_sealed_case_has_twice_says_nothing(site, people, draws):
    """The device gives it to several pictures, so it distinguishes none."""
    draws(blind=True)
    assert sent(people.clinician, site, film(1, **ONE_UID), film(2, **ONE_UID)).case.is_sealed
    draws(blind=False)
    other = {**ONE_UID, "AccessionNumber": "ORD-99"}
    assert not sent(people.clinician, site, film(3, **other)).case.is_blind


def test_a_withdrawn_case_seals_nothing_by_its_uids_but_a_newer_version(site, people, draws):
    draws(blind=True)
    case = sent(people.clinician, site, film()).case
    withdraw_case(case=case, actor=people.clinician, reason="Wrong accession number")
    draws(blind=False)
    other = film(exporter="second", AccessionNumber="ORD-99")
    assert not sent(people.clinician, site, other).case.is_blind
    assert sent(people.clinician, site, film(exporter="third")).case.is_sealed


def test_what_was_read_openly_is_not_drawn_again(site, people, draws):
    draws(blind=False)
    photo(people.clinician, site, 1)
    draws(blind=True)
    assert not photo(people.clinician, site, 1).is_blind


def test_an_open_picture_does_not_open_those_that_come_with_it(site, people, draws):
    draws(blind=False)
    photo(people.clinician, site, 1)
    draws(blind=True)
    assert photo(people.clinician, site, 1, 2).is_sealed


def test_nor_does_the_uid_of_an_open_picture(site, people, draws):
    """Anybody may write a UID into a file."""
    draws(blind=False)
    sent(people.clinician, site, film())
    draws(blind=True)
    other = film(exporter="second", AccessionNumber="ORD-99")
    assert sent(people.clinician, site, other).case.is_sealed


def test_a_newer_version_of_what_was_read_openly_is_open(site, people, draws):
    draws(blind=False)
    sent(people.clinician, site, film(1), film(2))
    draws(blind=True)
    newer = sent(people.clinician, site, film(1, exporter="second"), film(2)).case
    assert links(newer) and not newer.is_blind


def test_a_view_that_comes_with_a_newer_version_is_drawn(site, people, draws):
    draws(blind=False)
    sent(people.clinician, site, film(1))
    draws(blind=True)
    with_another = sent(people.clinician, site, film(1, exporter="second"), film(2)).case
    assert links(with_another) and with_another.is_sealed


def test_once_the_final_opinion_is_signed_the_same_file_is_read_openly(site, people, draws):
    draws(blind=True)
    case = photo(people.clinician, site, 1)
    lock_first_reading(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    sign(case=case, reader=people.reviewer, given=GivenOpinion("none"))
    assert not photo(people.clinician, site, 1).is_blind


def test_what_was_withdrawn_and_then_read_after_all_is_sealed_no_longer(site, people, draws):
    """Everybody may have seen it since."""
    draws(blind=True)
    case = photo(people.clinician, site, 1)
    withdraw_case(case=case, actor=people.clinician, reason="Wrong accession number")
    draws(blind=False)
    again = photo(people.clinician, site, 1)
    assert again.is_sealed
    lock_first_reading(case=again, reader=people.reviewer, given=GivenOpinion("none"))
    sign(case=again, reader=people.reviewer, given=GivenOpinion("none"))
    draws(blind=True)
    assert not photo(people.clinician, site, 1).is_blind
    draws(blind=False)
    assert not photo(people.clinician, site, 1, 2).is_blind


def test_another_site_s_case_says_nothing(site, other_site, people, draws):
    draws(blind=True)
    photo(people.clinician, site, 1)
    case = photo(people.stranger, other_site, 1)
    assert not case.is_blind and Case.objects.filter(received_at__lte=timezone.now()).count() == 2
