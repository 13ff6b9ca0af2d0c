"""The audit's manifest comes first, and a changed folder is refused."""

import json
import shutil

import pytest

from tests.training.drawn import draw_dataset
from training.datasets import manifests
from training.errors import TrainingError


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return draw_dataset(tmp_path_factory.mktemp("data"))


@pytest.fixture
def folder(drawn, tmp_path):
    return shutil.copytree(drawn, tmp_path / "data")


@pytest.fixture
def audited(folder, tmp_path, monkeypatch):
    """The run's folder of a finished audit of ``folder``."""
    monkeypatch.setattr(manifests, "RUNS", tmp_path / "runs")
    run = tmp_path / "runs" / f"audit-{folder.name}"
    run.mkdir(parents=True)
    shutil.copy(folder / "manifest.csv", run / "manifest.csv")
    (run / "audit.json").write_text(json.dumps({"folder": str(folder.resolve())}))
    return run


def test_the_audits_manifest_comes_first(folder, audited):
    assert manifests.manifest_path(folder) == audited / "manifest.csv"


def test_an_audit_of_another_folder_of_this_name_is_not_taken(folder, audited):
    (audited / "audit.json").write_text(json.dumps({"folder": "/elsewhere/bone-break"}))
    assert manifests.manifest_path(folder) == folder / "manifest.csv"


def test_a_folder_that_changed_since_its_audit_is_refused_by_name(folder, audited):
    old, other = sorted(folder.glob("*/Train/0.png"))[:2]
    shutil.copy(other, old.with_name("new.png"))
    (old.with_name("cut.png")).write_bytes(
        old.read_bytes()[:200]
    )  # no audit lists what none can read
    shutil.copy(other, old.with_name("1.png"))
    old.unlink()
    with pytest.raises(TrainingError) as refused:
        manifests.manifest_path(folder)
    said = str(refused.value)
    assert "1 gone (Avulsion fracture/Train/0.png); 1 new (Avulsion fracture/Train/new.png)" in said
    assert "1 changed (Avulsion fracture/Train/1.png)" in said
    assert f"python -m training audit --data {folder}" in said


def test_a_class_that_was_emptied_since_its_audit_is_named(folder, audited):
    for path in (folder / "Spiral fracture").rglob("*.png"):
        path.unlink()
    with pytest.raises(TrainingError, match=r"Spiral fracture.* is empty"):
        manifests.manifest_path(folder)
