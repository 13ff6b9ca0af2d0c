"""The layers of packages, and that what is written agrees with what is in the database."""

import os
import subprocess
import sys
from pathlib import Path

import grimp
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from classifier.labels import CLASSES
from triage import states, vocabulary

REPOSITORY = Path(__file__).resolve().parents[2]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        arguments,
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_no_import_runs_up_a_floor():
    result = run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache")
    assert result.returncode == 0, result.stdout


def test_classifier_holds_only_what_is_served():
    """What only training needs is training's: a worker and the command line must not carry it."""
    graph = grimp.build_graph("classifier", "triage", "config", cache_dir=None)
    # The two that run as programs of their own.
    roots = {"triage", "config", "classifier.__main__", "classifier.decode_parent"}
    for root in tuple(roots):
        as_package = root in ("triage", "config")
        roots |= graph.find_upstream_modules(root, as_package=as_package)
    served = graph.find_descendants("classifier")
    packages = {name for name in served if graph.find_children(name)}
    assert served - packages - roots == set()


@pytest.mark.django_db
def test_the_models_are_what_the_migrations_made():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_production_settings_pass_the_deployment_checks():
    result = run(
        sys.executable,
        "manage.py",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        DJANGO_SETTINGS_MODULE="config.settings.production",
        SECRET_KEY="k3-J7_qPz0vXwR5tYb8NcL1sHd6Gf9MaE2uIoQxZ4rTyVnBmKjWpSgCh",
        ALLOWED_HOSTS="callus.example.org",
        PUBLIC_URL="https://callus.example.org",
        REDIS_URL="redis://127.0.0.1:6379/0",
    )
    assert result.returncode == 0, result.stderr
    assert "WARNINGS" not in result.stderr


@pytest.mark.parametrize("secret", ["", "short", "a" * 80])
def test_production_refuses_a_weak_secret(secret):
    result = run(
        sys.executable,
        "manage.py",
        "check",
        DJANGO_SETTINGS_MODULE="config.settings.production",
        SECRET_KEY=secret,
        ALLOWED_HOSTS="callus.example.org",
    )
    assert result.returncode != 0
    assert "SECRET_KEY is too weak" in result.stderr


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("http://callus.example.org", "must begin with https://"),
        ("https://elsewhere.example.org", "name one of ALLOWED_HOSTS"),
        ("https://callus.example.org/path", "without a path"),
        ("callus.example.org", "an address like"),
        (None, "Set the environment variable PUBLIC_URL"),
    ],
)
def test_production_refuses_an_address_that_links_can_not_lead_to(address, sentence):
    result = run(
        sys.executable,
        "manage.py",
        "check",
        DJANGO_SETTINGS_MODULE="config.settings.production",
        SECRET_KEY="k3-J7_qPz0vXwR5tYb8NcL1sHd6Gf9MaE2uIoQxZ4rTyVnBmKjWpSgCh",
        ALLOWED_HOSTS="callus.example.org",
        **({"PUBLIC_URL": address} if address else {}),
    )
    assert result.returncode != 0
    assert sentence in result.stderr


def test_importing_every_view_loads_no_inference_engine():
    code = (
        "import sys, config.wsgi; from django.urls import get_resolver as r; r().reverse_dict;"
        "print([name for name in sys.modules if name in ('torch', 'onnxruntime', 'pydicom')])"
    )
    result = run(sys.executable, "-c", code)
    assert result.stdout.strip() == "[]", result.stderr


def test_the_classes_are_those_of_the_classifier():
    assert tuple(vocabulary.FractureClass.values) == tuple(CLASSES)


def test_every_state_has_its_moves():
    assert set(states.CASE_MOVES) == set(states.CaseState)
    for state, moves in states.CASE_MOVES.items():
        assert state not in moves
        assert (not moves) == (state not in (*states.UNSIGNED_STATES, states.CaseState.ARRIVING))


def test_no_module_is_named_for_nothing():
    nameless = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py"}
    packages = (
        *("accounts", "triage", "classifier", "config"),
        *("training", "localservices", "demo"),
    )
    found = [
        path
        for name in packages
        for path in (REPOSITORY / name).rglob("*.py")
        if path.name in nameless
    ]
    assert found == []


# Model.field → why its rows may go with what they belong to. Nobody can delete a site or a release.
GOES_ALONG = {
    "ReleaseLoad.release": "a trace of loading; it says nothing of a case",
    "Redating.site": "a job of the site, done or not",
    "CallBackRule.site": "a setting of the site; its changes are in the audit trail",
    "CriticalRule.site": "a setting of the site; its changes are in the audit trail",
    "CriticalStep.site": "a setting of the site; its changes are in the audit trail",
    "WaitRule.site": "a setting of the site; its changes are in the audit trail",
}


def test_every_relation_to_history_is_protected():
    relations = {
        f"{model.__name__}.{field.name}": field.remote_field.on_delete
        for label in ("accounts", "triage")
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
    }
    assert {"Prediction.image", "Review.prediction", "Case.site"} <= relations.keys()
    loose = {name for name, on_delete in relations.items() if on_delete is not models.PROTECT}
    assert loose == GOES_ALONG.keys()
