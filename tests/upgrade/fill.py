"""Fills an empty database with synthetic rows of every kind and dumps it as SQL.

A dump of each released version is kept in ``dumps``; ``test_upgrade.py`` restores each one and migrates it.
Make one from the checked-out version before its tables change:

    python -m localservices services --database callus -- \\
        python -m tests.upgrade.fill tests/upgrade/dumps/VERSION.sql
"""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import django

OPINIONS = ("other_class", "no_fracture", "not_assessable")
FINDINGS = {
    "positive": {"call": "positive", "fracture_probability": 0.97},
    "doubt": {"call": "doubt", "fracture_probability": 0.55},
    "negative": {"call": "negative", "fracture_probability": 0.04},
    "refused": {
        "assessable": False,
        "reason": "This looks like a photograph, not like a radiograph.",
        "fracture_probability": 0.5,
    },
    "types_only": {},  # a release of the first format: no call at all
}


def main(target: Path) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    django.setup()
    from django.core.management import call_command

    call_command("migrate", database="owner", verbosity=0)
    fill()
    target.write_text(dump())


def fill() -> None:
    """Two sites, people in every role, cases in every state with every call, and their history."""
    from django.utils import timezone

    from accounts.roles import Role
    from accounts.services.people import add_person, end_membership
    from accounts.services.tokens import create_api_client
    from classifier.release import RELEASES
    from tests.factories import make_case, make_image, make_people, make_release, make_site
    from triage.intake.services import withdraw_case
    from triage.models import Case, Job, WaitRule
    from triage.review.claims import claim
    from triage.review.services import correct, sign
    from triage.states import CaseState
    from triage.vocabulary import FractureClass, Priority
    from triage.worklist.wait_rules import set_wait_rules

    north, south = make_site("North Clinic", "north"), make_site("South Clinic", "south")
    people = make_people(north, south)
    invited, _ = add_person(
        site=north,
        email="invited@example.org",
        name="Ina Invited",
        roles=[Role.REVIEWER],
        actor=people.admin,
    )
    end_membership(membership=invited, actor=people.admin)
    create_api_client(site=north, name="PACS", actor=people.admin)
    rules = [WaitRule(priority=value, minutes=60 * (value + 1)) for value in Priority.values]
    rules += [
        WaitRule(predicted_class=name, minutes=45, minimum_confidence=0.3)
        for name in FractureClass.values
    ]
    set_wait_rules(site=north, rules=rules, actor=people.admin)

    make_release(active=False, name="old-release", version="1.0.0")
    folder = next(iter(sorted(RELEASES.glob("[!.]*"))))
    manifest = json.loads((folder / "manifest.json").read_text())
    make_release(
        name=manifest["name"],
        version=manifest["version"],
        manifest=manifest,
        folder=f"{manifest['name']}/{manifest['version']}",
    )
    long_ago = timezone.now() - timedelta(days=40)
    for finding in FINDINGS.values():
        make_case(north, people.clinician, finding=finding)
        closed = make_case(north, people.clinician, finding=finding, received_at=long_ago)
        sign(case=closed, reader=people.reviewer, opinion="no_fracture")
    for opinion in OPINIONS:
        case = make_case(north, people.clinician, finding=FINDINGS["doubt"], images=2)
        classes = ["spiral", "oblique"] if opinion == "other_class" else []
        review = sign(case=case, reader=people.reviewer, opinion=opinion, classes=classes)
        if opinion == "no_fracture":
            correct(
                review=review,
                reader=people.reviewer,
                opinion="other_class",
                classes=["hairline"],
                comment="Seen at the second look.",
            )
    agreed = make_case(north, people.clinician, finding=FINDINGS["positive"])
    sign(
        case=agreed,
        reader=people.reviewer,
        opinion="agree",
        prediction_id=agreed.deciding_prediction_id,
        comment="As the model says.",
    )
    for state in (CaseState.RECEIVED, CaseState.FAILED):
        for priority in Priority.values:
            make_case(north, people.clinician, state, priority=priority)
    running = make_case(south, people.stranger, CaseState.RECEIVED)
    Job.objects.filter(image__case=running).update(
        state="running", attempt=1, attempts_left=2, leased_until=timezone.now()
    )
    waiting = make_case(south, people.stranger, CaseState.RECEIVED)
    Job.objects.filter(image__case=waiting).delete()  # it came while no release was active
    make_image(waiting, 2, file_name="Röntgen Handgelenk.dcm", kind="dicom", bits=12, modality="DX")
    withdraw_case(
        case=make_case(north, people.clinician), actor=people.clinician, reason="Wrong patient"
    )
    claim(case=make_case(north, people.clinician, priority=Priority.STAT), reader=people.clinician2)
    for accession in ("", "Ａ１２-é", "e\u0301-12", "X" * 64):
        make_case(
            south,
            people.stranger,
            accession_number=accession,
            patient_reference="REF-" + accession[:20],
            clinical_question="Fell on the hand?",
        )
    Case.objects.filter(site=south).update(is_synthetic=True)


def dump() -> str:
    """The database as SQL that psycopg can run: INSERTs, no owners, no rights, no psql commands."""
    from localservices.cluster import programs

    done = subprocess.run(
        [
            str(programs() / "pg_dump"),
            *("--inserts", "--rows-per-insert=200", "--no-owner", "--no-privileges"),
            *(
                "--no-comments",
                "--exclude-table-data=django_session",
                os.environ["DATABASE_OWNER_URL"],
            ),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    lines = done.stdout.splitlines()
    kept = [line for line in lines if line and not line.startswith(("--", "\\"))]
    return "\n".join(kept) + "\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
