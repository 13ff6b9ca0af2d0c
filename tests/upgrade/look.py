"""Looks at a migrated database as its people do, and works on it.

``python -m tests.upgrade.look`` prints the status of every page as one line of JSON;
``python -m tests.upgrade.look act`` signs a case, changes the waits and does what the beat does.
"""

import json
import os
import sys
from typing import Any

import django


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    django.setup()
    if sys.argv[1:] == ["act"]:
        act()
    else:
        json.dump(seen(), sys.stdout)


def seen() -> dict[str, dict[str, int]]:
    from accounts.models import User

    clara = User.objects.get(name="Clara Clinician")

    rita = User.objects.get(name="Rita Reviewer")
    stan = User.objects.get(name="Stan")
    ada = User.objects.get(name="Ada Admin")
    return {
        "clinician": reader(clara),
        "reviewer": reader(rita),
        "stranger": reader(stan),
        "admin": answers(
            ada, ["/sites/north/people/", "/sites/north/waits/", "/sites/north/points/"]
        ),
    }


def act() -> None:
    """Signs an open case of every call, and runs the sweep as beat would."""
    from accounts.models import User
    from triage.inference.services import sweep_and_send
    from triage.models import Case
    from triage.review.opinion import GivenOpinion
    from triage.review.services import sign

    rita = User.objects.get(name="Rita Reviewer")
    sweep_and_send()
    for case in Case.objects.visible_to(rita).open().filter(readings=None):
        sign(case=case, reader=rita, given=GivenOpinion("none", comment="After the upgrade."))


def reader(user: Any) -> dict[str, int]:
    """Address → status, of the lists and of every case that the person may open, as page and by REST."""
    from triage.models import Case

    addresses = ["/", "/worklist/live/", "/?state=reviewed", "/api/v1/worklist", "/api/v1/cases"]
    for case in Case.objects.visible_to(user).order_by("pk"):
        addresses += [f"/cases/{case.pk}/", f"/api/v1/cases/{case.pk}"]
    return answers(user, addresses)


def answers(user: Any, addresses: list[str]) -> dict[str, int]:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return {address: client.get(address).status_code for address in addresses}


if __name__ == "__main__":
    main()
