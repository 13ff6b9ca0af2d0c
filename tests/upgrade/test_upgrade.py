"""A database of each version before this one migrates without loss, and the site works on it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from localservices.postgres import Addresses, postgres
from localservices.services import throwaway_folder
from tests.processes import REPOSITORY
from tests.upgrade import claims, headers, interim, sides

DUMPS = sorted((Path(__file__).parent / "dumps").glob("*.sql"))

# What a person wrote, sent or signed: it must stand there word for word afterwards.
KEPT_COLUMNS = {
    "accounts_user": "id, email, name, password, is_active, is_staff, is_superuser, is_service",
    "accounts_site": "id, name, slug, time_zone, is_active",
    "accounts_membership": "id, user_id, site_id, roles, is_active",
    "accounts_auditentry": "id, at, site_id, actor_id, verb, subject_type, subject_id, detail, hash",
    "knox_authtoken": "digest, token_key, user_id, expiry",
    "triage_release": "id, name, version, sha256, folder, is_active",
    "triage_case": (
        "id, site_id, sender_id, source, received_at, state, accession_number, patient_reference, age_band, "
        "sex, body_part, side, projection, clinical_question, priority, closed_at, withdrawn_reason"
    ),
    "triage_image": "id, case_id, position, file_name, kind, byte_size, sha256, original, rendition",
    "triage_job": "id, image_id, attempt, error",
    "triage_prediction": "id, image_id, release_id, call, assessable, top_class, confidence, probabilities",
    "triage_review": (
        "id, case_id, reader_id, stage, opinion, classes, comment, prediction_id, supersedes_id, signed_at"
    ),
    "triage_waitrule": "id, site_id, priority, predicted_class, minimum_confidence, minutes",
}
# Columns that have another name by now: table → (then, now).
RENAMED_COLUMNS = {"triage_prediction": ("top_class", "predicted_class")}


@pytest.fixture(scope="module", params=DUMPS, ids=lambda path: path.stem)
def upgraded(request) -> Iterator[SimpleNamespace]:
    """What stood in the database before and after it was migrated, and where it runs."""
    with throwaway_folder() as folder, postgres(folder / "pg", "callus", throwaway=True) as server:
        with psycopg.connect(server.owner, autocommit=True) as owner:
            owner.execute(request.param.read_text())
            headers.send(owner)
            sides.send(owner)
            claimed = claims.take(owner)
        before = rows(server, KEPT_COLUMNS)
        migrate = ("manage.py", "migrate", "--database", "owner", "--verbosity", "0")
        call(server, *migrate, "triage", interim.BEFORE)
        with psycopg.connect(server.owner) as owner:
            left = interim.leave(owner)
        call(server, *migrate)
        with psycopg.connect(server.owner) as owner:
            going_on = claims.going_on(owner)
        yield SimpleNamespace(
            before=before,
            after=rows(server, columns_of_now()),
            server=server,
            claimed=claimed,
            left=left,
            going_on=going_on,
        )


def columns_of_now() -> dict[str, str]:
    """``KEPT_COLUMNS`` with the names that the columns have after the upgrade, in the same order."""
    renamed = {
        table: KEPT_COLUMNS[table].replace(then, now)
        for table, (then, now) in RENAMED_COLUMNS.items()
    }
    return KEPT_COLUMNS | renamed


def rows(server: Addresses, kept: dict[str, str]) -> dict[str, list[tuple]]:
    with psycopg.connect(server.owner) as owner:
        return {
            table: owner.execute(f"SELECT {columns} FROM public.{table} ORDER BY 1").fetchall()
            for table, columns in kept.items()
        }


def call(server: Addresses, *arguments: str) -> str:
    """Runs Python beside the migrated database and returns what it printed."""
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env={**os.environ, **server.environment(), **settings},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_is_a_version_to_come_from():
    assert DUMPS


def test_nothing_that_people_wrote_is_lost(upgraded):
    for table, earlier in upgraded.before.items():
        assert earlier, f"the dump holds no row of {table}"
        missing = [row for row in earlier if row not in upgraded.after[table]]
        assert missing == [], table


def test_a_claim_that_runs_becomes_a_reading_and_one_that_ran_out_does_not(upgraded):
    assert len(upgraded.claimed) == 2
    latest = max(upgraded.claimed, key=lambda claim: claim[2])
    assert upgraded.going_on == [latest]


def test_an_interim_opinion_that_was_left_in_a_case_is_recorded_and_the_case_can_be_signed(
    upgraded,
):
    """A trigger refuses each change of a row that still holds one. What was signed opens no call-back now."""
    with psycopg.connect(upgraded.server.owner) as owner:
        assert interim.recorded(owner) == upgraded.left and len(upgraded.left) == 3
        cases = [case for case, _author, _time in upgraded.left]
        owner.execute("UPDATE public.triage_case SET state = state WHERE id = ANY(%s)", [cases])
        opened = "SELECT id FROM public.triage_callback WHERE case_id = ANY(%s)"
        assert owner.execute(opened, [cases]).fetchall() == []


def test_the_audit_trail_is_whole_and_goes_on(upgraded):
    server = upgraded.server
    verify = ("manage.py", "verify_audit")
    earlier = int(call(server, *verify).split()[0])
    call(server, "-m", "tests.upgrade.look", "act")
    said = call(server, *verify)
    assert "every chain whole" in said
    with psycopg.connect(server.owner) as owner:
        old = "SELECT count(DISTINCT site_id) FROM accounts_auditentry WHERE version = 1"
        (chains,) = owner.execute(old).fetchone()
    assert said.count("the old format ends with entry") >= chains > 0
    assert int(said.split()[0]) > earlier


def test_open_cases_are_disclosed_by_the_rules_of_now(upgraded):
    """Of a release whose call may not be used every assessable picture is in doubt, and a class stands
    beside a suspected fracture or a doubt only. Closed cases keep what was signed.
    """
    with psycopg.connect(upgraded.server.owner) as owner:

        def count(condition: str) -> int:
            (found,) = owner.execute(
                "SELECT count(*) FROM triage_case AS c"
                " LEFT JOIN triage_prediction AS p ON p.id = c.deciding_prediction_id"
                f" LEFT JOIN triage_release AS r ON r.id = p.release_id WHERE {condition}"
            ).fetchone()
            return found

        open_ = "c.closed_at IS NULL AND p.assessable AND NOT r.call_is_usable"
        assert count(f"{open_} AND c.call = 1 AND c.predicted_class = p.predicted_class") > 0
        assert count(f"{open_} AND c.call <> 1") == 0
        assert count("c.call = 3") > 0
        assert count("c.call > 1 AND (c.predicted_class <> '' OR c.confidence <> 0)") == 0
        assert count("c.call < 2 AND c.predicted_class = ''") == 0
        assert count("NOT p.assessable AND c.call <> 3") == 0


def test_what_no_release_of_then_could_say_stays_unsaid(upgraded):
    """Null: no detector. An empty list would say that a detector found nothing."""
    with psycopg.connect(upgraded.server.owner) as owner:
        (predictions, unsaid) = owner.execute(
            "SELECT count(*), count(*) FILTER (WHERE num_nonnulls(boxes, focus, fracture_map) = 0)"
            " FROM triage_prediction"
        ).fetchone()
        assert predictions == unsaid > 0


def test_what_a_header_filled_in_is_not_the_senders_word(upgraded):
    with psycopg.connect(upgraded.server.owner) as owner:
        assert headers.noted(owner) == {
            name: sent.from_header for name, sent in headers.SENT.items()
        }


def test_a_picture_gets_the_side_and_the_projection_that_are_known_of_it(upgraded):
    with psycopg.connect(upgraded.server.owner) as owner:
        assert sides.known(owner) == {name: old.known for name, old in sides.OLD_CASES.items()}


def test_pictures_of_before_have_no_study_and_what_the_next_ones_must_fulfil_holds_for_them(
    upgraded,
):
    with psycopg.connect(upgraded.server.owner) as owner:
        assert owner.execute("SELECT count(series_id) FROM triage_image").fetchone() == (0,)
        unchecked = "SELECT conname FROM pg_constraint WHERE NOT convalidated"
        assert owner.execute(unchecked).fetchall() == []


def test_the_application_adds_studies_and_never_changes_them(upgraded):
    rights = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
    may = "SELECT has_table_privilege(current_user, %s, %s)"
    with psycopg.connect(upgraded.server.application) as application:
        for table in ("triage_study", "triage_series"):
            held = [application.execute(may, [table, right]).fetchone()[0] for right in rights]
            assert held == [True, True, False, False, False]


def test_a_release_gets_its_prevalence_from_its_manifest(upgraded):
    """235 of 321 bones of the fold scores that its call was calibrated on; no manifest, no share."""
    with psycopg.connect(upgraded.server.owner) as owner:
        shares = dict(owner.execute("SELECT name, prevalence FROM triage_release").fetchall())
    assert shares == {"callus-lite0": pytest.approx(235 / 321), "old-release": None}


def test_no_migration_is_missing(upgraded):
    call(upgraded.server, "manage.py", "makemigrations", "--check", "--dry-run")


def test_everybody_sees_their_pages(upgraded):
    seen = json.loads(call(upgraded.server, "-m", "tests.upgrade.look").splitlines()[-1])
    assert len(seen["clinician"]) > 40
    wrong = {
        f"{who} {address}": status
        for who, answers in seen.items()
        for address, status in answers.items()
        if status != 200
    }
    assert wrong == {}
