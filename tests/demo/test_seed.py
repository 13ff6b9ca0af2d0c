"""The demonstration's people and cases: made once, by settings that are not production's."""

import os
import subprocess
import sys
from io import StringIO
from itertools import islice

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.urls import reverse

from accounts.models import Membership, Site, User
from classifier.release import default_release_path
from demo.cases import make_cases
from demo.logins import LOGINS, PASSWORD, READER
from demo.people import make_people
from tests.factories import make_case
from tests.processes import REPOSITORY
from tests.stack.compose import SECRETS
from triage.inference.checks import check_and_activate
from triage.inference.releases import register_release
from triage.models import CallBack, Case, CriticalResult, ReadingRules, Review
from triage.states import Activation, CaseState
from triage.vocabulary import Call, UnreadCode


def seed(*arguments: str) -> str:
    output = StringIO()
    call_command("seed_demo", *arguments, stdout=output)
    return output.getvalue()


def test_the_command_makes_the_people_once_and_prints_their_log_ins(db):
    said = seed("--no-cases")
    assert seed("--no-cases") == said
    assert Site.objects.get().slug == "demo"
    assert {user.email for user in User.objects.all()} == {email for email, _ in LOGINS}
    assert Membership.objects.count() == 4
    for email, role in LOGINS:
        assert f"{role:<10} {email}  {PASSWORD}" in said
        assert authenticate(None, username=email, password=PASSWORD)


def test_a_case_that_is_there_already_is_not_sent_again(db, storage):
    site = make_people()
    assert list(islice(make_cases(site), 1)) == [(1, 14)]
    assert [number for number, _ in islice(make_cases(site), 1)] == [2]
    cases = Case.objects.order_by("accession_number")
    assert [case.accession_number for case in cases] == ["DEMO-0001", "DEMO-0002"]
    assert all(case.is_synthetic and case.site == site for case in cases)


@pytest.fixture
def demonstration(db, storage):
    """All its cases, read by the released model, by number."""
    check_and_activate(register_release(default_release_path()), Activation.ALWAYS)
    site = make_people()
    made = list(make_cases(site))
    assert [number for number, _ in made] == list(range(1, 15))
    cases = Case.objects.filter(site=site).order_by("accession_number")
    return dict(enumerate(cases, start=1))


# What passes by itself within seconds: it is arriving, it waits for the model.
PASSES = {CaseState.ARRIVING, CaseState.RECEIVED}


def test_its_cases_show_one_of_every_state(demonstration, client, people):
    cases = demonstration
    assert {case.state for case in cases.values()} == set(CaseState) - PASSES
    assert {case.call for case in cases.values() if case.state == CaseState.PREDICTED} == set(Call)
    said = dict(zip((2, 3, 4, 5, 13), Call, strict=True))
    assert {number: cases[number].call for number in said} == said
    assert cases[13].unread_code == UnreadCode.OUTSIDE_INDICATIONS
    assert cases[2].images.count() == 2 and cases[2].patient_key == cases[1].patient_key
    assert cases[7].claim_is_live
    assert {number for number, case in cases.items() if case.is_blind} == {9, 10}
    assert cases[9].third_because == ["first"] and cases[10].is_sealed
    assert CallBack.objects.get(outcome="").case == cases[11]
    assert {result.case for result in CriticalResult.objects.all()} == {cases[12]}
    assert Review.objects.filter(case=cases[1], superseded_by__isnull=False).count() == 1
    states = {number: cases[number].state for number in (6, 8, 14)}
    assert states == {6: "failed", 8: "withdrawn", 14: "refused"}

    rules = ReadingRules.objects.get()
    assert (rules.blind_percent, rules.third_if_first_differs) == (0, True)
    ReadingRules.objects.update(blind_percent=30)
    assert list(make_cases(rules.site)) == []  # what somebody chose since stays
    assert ReadingRules.objects.get().blind_percent == 30

    client.force_login(User.objects.get(email=READER))
    page = client.get(reverse("case", args=[cases[2].pk])).text
    assert "The model was not trained to see fractures in drawings" in page
    real = make_case(Membership.objects.get(user=people.clinician).site, people.clinician)
    client.force_login(people.reviewer)
    assert "This picture is drawn" not in client.get(reverse("case", args=[real.pk])).text


def test_production_has_no_such_command():
    """Its people have a password that everybody can read."""
    done = subprocess.run(
        [sys.executable, "manage.py", "seed_demo", "--print-logins"],
        cwd=REPOSITORY,
        env={**os.environ, **SECRETS, "DJANGO_SETTINGS_MODULE": "config.settings.production"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Unknown command: 'seed_demo'" in done.stderr
    assert PASSWORD not in done.stdout
