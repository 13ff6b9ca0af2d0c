"""The demonstration's people and cases: made once, by settings that are not production's."""

import os
import subprocess
import sys
from io import StringIO
from itertools import islice

from django.contrib.auth import authenticate
from django.core.management import call_command

from accounts.models import Membership, Site, User
from demo.cases import make_cases
from demo.logins import LOGINS, PASSWORD
from demo.people import make_people
from tests.processes import REPOSITORY
from tests.stack.compose import SECRETS
from triage.models import Case


def seed(*arguments: str) -> str:
    output = StringIO()
    call_command("seed_demo", *arguments, stdout=output)
    return output.getvalue()


def test_the_command_makes_the_people_once_and_prints_their_log_ins(db):
    said = seed("--no-cases")
    assert seed("--no-cases") == said
    assert Site.objects.get().slug == "demo"
    assert {user.email for user in User.objects.all()} == {email for email, _ in LOGINS}
    assert Membership.objects.count() == 3
    for email, role in LOGINS:
        assert f"{role:<10} {email}  {PASSWORD}" in said
        assert authenticate(None, username=email, password=PASSWORD)


def test_a_case_that_is_there_already_is_not_sent_again(db, storage):
    site = make_people()
    assert list(islice(make_cases(site), 1)) == [(1, 12)]
    assert [number for number, _ in islice(make_cases(site), 1)] == [2]
    cases = Case.objects.order_by("accession_number")
    assert [case.accession_number for case in cases] == ["DEMO-0001", "DEMO-0002"]
    assert all(case.is_synthetic and case.site == site for case in cases)


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
