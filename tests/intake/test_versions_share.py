"""What a newer version takes over from the one before it: docs/decisions/0043-a-newer-version.md."""

import pytest

from tests.intake.test_newer_versions import film, sent
from triage.models import CallBack, InterimOpinion
from triage.review.interim import record_interim_opinion
from triage.review.opinion import GivenOpinion
from triage.review.reading_rules import set_reading_rules
from triage.review.services import sign

pytestmark = pytest.mark.usefixtures("storage")


@pytest.mark.parametrize(("then", "now"), [(0, 100), (100, 0)])
def test_a_version_is_read_as_the_one_before_it(site, people, then, now):
    """The same bones: an open version reveals what is sealed of a blind one, or has shown it already."""
    rules = {"site": site, "actor": people.admin}
    set_reading_rules(**rules, blind_percent=then)
    first = sent(people.clinician, site, film()).case
    set_reading_rules(**rules, blind_percent=now)
    newer = sent(people.clinician, site, film(exporter="second")).case
    assert (first.is_blind, newer.is_blind) == (then == 100, then == 100)
    other = sent(people.clinician, site, film(2, StudyInstanceUID="1.2.840.99.8")).case
    assert other.is_blind == (now == 100)


def test_what_the_clinic_thought_goes_on_in_the_case_that_replaces(site, people):
    """The pictures came anew; the patient went home as before."""
    old = sent(people.clinician, site, film()).case
    said = {"interim_fracture": "none", "treated_as": "soft_tissue"}
    first = record_interim_opinion(case=old, author=people.clinician2, **said)
    new = sent(people.clinician, site, film(exporter="second")).case
    (kept,) = InterimOpinion.objects.filter(case=new)
    assert (kept.author, kept.treated_as) == (people.clinician2, "soft_tissue")
    assert kept.recorded_at == first.recorded_at
    signed_now = sign(case=new, reader=people.reviewer, given=GivenOpinion("certain", ("spiral",)))
    assert CallBack.objects.get().review == signed_now
