"""The whole way by its own commands: audit, fit, evaluate, report, export, register, classify."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from classifier.__main__ import main as classify
from classifier.labels import CLASSES
from tests.factories import make_case
from tests.training.audit.pictures import COPIES, draw, write
from tests.training.conftest import RECIPE, Project
from tests.training.drawn import folder_name
from training.__main__ import main
from training.datasets import manifests
from triage.inference.worker.batch import work_until_empty
from triage.inference.worker.release_check import check_next
from triage.models import Prediction
from triage.states import CaseState

STATES = ("fractured", "not-fractured")


def draw_downloads(data: Path) -> None:
    """Two data sets as they are unpacked: without a manifest, each with a turned copy of a picture."""
    types, bones = data / "bone-break", data / "multi-region"
    for label in range(len(CLASSES)):
        for number in range(5):
            split = "Test" if number == 4 else "Train"
            picture = draw(10 * label + number)
            write(types / folder_name(label) / split / f"{number}.jpg", picture)
    for state, name in enumerate(STATES):
        for number in range(8):
            write(bones / name / f"{number}.jpg", draw(200 + 10 * state + number))
    write(types / folder_name(0) / "Test" / "turned.jpg", COPIES["turned"](draw(0)))
    write(bones / STATES[0] / "turned.jpg", COPIES["turned"](draw(200)))


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    folder = tmp_path_factory.mktemp("chain")
    draw_downloads(folder / "data")
    (folder / "drawn.toml").write_text(RECIPE)
    return Project(
        folder / "data", folder / "drawn.toml", folder / "runs" / "drawn", folder / "releases"
    )


def test_downloads_become_a_release_that_reads_cases(
    project, monkeypatch, capsys, db, site, people, storage
):
    runs = project.run.parent
    monkeypatch.setattr(manifests, "RUNS", runs)
    for name in ("bone-break", "multi-region"):
        folder, run = project.data / name, runs / f"audit-{name}"
        assert main(["audit", "--data", str(folder), "--run", str(run)]) == 0
    assert project.command("fit") == 0
    capsys.readouterr()
    assert project.command("evaluate") == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["types"]["pictures"] == 50  # the turned copy is trained on and isn't measured on
    assert figures["shipped"]["leaked"]["pictures"] == 1
    assert project.command("report") == 0
    assert project.command("export", "--releases", str(project.releases)) == 0
    release = project.releases / "drawn-0.1.0"

    call_command("register_release", str(release), "--activate")
    assert check_next()
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    assert work_until_empty() == 1
    prediction = Prediction.objects.get(image__case=case)
    assert str(prediction.release) == "drawn 0.1.0"

    picture = project.data / "bone-break" / folder_name(3) / "Train" / "0.jpg"
    capsys.readouterr()
    assert classify(["classify", str(picture), "--json", "--release", str(release)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["release"] == "drawn 0.1.0"
    assert set(answer["probabilities"]) == set(CLASSES)
