"""The command from end to end: what it writes, what it says, and that a kill costs little."""

import csv
import json
import re

import pytest

from tests.training.audit.conftest import audit, draw_folder
from tests.training.audit.pictures import COPIES, draw, write
from training.audit import traits
from training.datasets import manifests
from training.datasets.bones import read_bones
from training.datasets.fracture_types import MANIFEST_COLUMNS


def manifest(path) -> dict[str, dict[str, str]]:
    with path.open(newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


@pytest.fixture
def rows(audited):
    return manifest(audited[1] / "manifest.csv")


def test_the_manifest_has_what_fit_reads(rows):
    assert set(next(iter(rows.values()))) >= MANIFEST_COLUMNS


def test_a_turned_twin_in_the_held_out_split_is_told(rows):
    assert rows["Break/Test/turned.jpg"]["dup_id"] == rows["Break/Train/0.jpg"]["dup_id"]
    assert [path for path, row in rows.items() if row["test_leaked"] == "1"] == [
        "Break/Test/turned.jpg"
    ]


def test_a_radiograph_in_two_classes_is_told(rows):
    told = {path for path, row in rows.items() if row["label_conflict"] == "1"}
    assert told == {"Break/Train/1.jpg", "Bend/Train/mirrored.jpg"}


def test_one_of_a_picture_and_its_crop_is_kept(rows):
    kept = [rows[f"Break/Train/{name}.jpg"]["dedup_keep"] for name in ("2", "cropped")]
    assert kept == ["1", "0"]


def test_what_is_no_twin_stays_apart(rows):
    assert len({row["dup_id"] for row in rows.values()}) == len(rows) - 3


def test_a_cut_file_is_in_the_report_and_nowhere_else(audited, rows):
    found = json.loads((audited[1] / "audit.json").read_text())
    assert list(found["unreadable"]) == ["Bend/Test/cut.jpg"]
    assert "Bend/Test/cut.jpg" not in rows
    assert "cut.jpg is cut off" in (audited[1] / "report.html").read_text()


def test_the_report_needs_nothing_from_elsewhere(audited):
    html = (audited[1] / "report.html").read_text()
    assert not re.search(r"<script|<link|@import|src=\"(?!data:)|url\(", html)
    assert "patients&#x27; pictures" in html
    assert "prefers-color-scheme: dark" in html
    names = re.findall(r'href="#(\w+)"', html)
    assert names[0] == "counts"
    assert all(f'<section id="{name}">' in html for name in names)


def test_a_second_audit_says_the_same_and_looks_at_nothing_again(audited, monkeypatch):
    folder, run = audited
    before = {name: (run / name).read_bytes() for name in ("manifest.csv", "audit.json")}
    monkeypatch.setattr(traits, "_compute_traits", None)
    assert audit(folder, run) == 0
    assert {name: (run / name).read_bytes() for name in before} == before


def test_nothing_is_written_into_the_data_folder(audited):
    folder, _ = audited
    assert not (folder / "manifest.csv").exists()


def test_a_manifest_that_was_there_is_compared_and_stays(audited, tmp_path):
    """Beside the same pictures the audit's own manifest is found again whole."""
    folder = draw_folder(tmp_path / "data")
    given = (audited[1] / "manifest.csv").read_text()
    (folder / "manifest.csv").write_text(given)
    assert audit(folder, tmp_path / "run") == 0
    found = json.loads((tmp_path / "run" / "audit.json").read_text())
    assert found["given_manifest"]["dup_id"]["recall"] == 1
    assert (folder / "manifest.csv").read_text() == given


def test_a_killed_audit_goes_on_where_it_was(audited, tmp_path, monkeypatch):
    compute, computed = traits._compute_traits, []
    monkeypatch.setattr(traits, "_TOGETHER", 12)

    def compute_and_die(folder, pictures, seed):
        computed.append(len(pictures))
        if len(computed) == 2:
            raise KeyboardInterrupt
        return compute(folder, pictures, seed)

    folder = draw_folder(tmp_path / "data")
    monkeypatch.setattr(traits, "_compute_traits", compute_and_die)
    assert audit(folder, tmp_path / "run") == 130
    assert not (tmp_path / "run" / "manifest.csv").exists()
    assert audit(folder, tmp_path / "run") == 0
    assert computed == [12, 12, 12, 10]
    assert manifest(tmp_path / "run" / "manifest.csv") == manifest(audited[1] / "manifest.csv")


def test_a_manifest_that_was_there_is_never_overwritten(tmp_path):
    folder = draw_folder(tmp_path / "data")
    (folder / "manifest.csv").write_text("path,dup_id,group_id\n")
    assert audit(folder, tmp_path / "run") == 0
    assert (folder / "manifest.csv").read_text() == "path,dup_id,group_id\n"


def test_a_missing_folder_is_one_sentence(tmp_path, capsys):
    assert audit(tmp_path / "none", tmp_path / "run") == 1
    assert re.fullmatch(r"training: There is no data folder .*none\.\n", capsys.readouterr().err)


def test_a_class_that_went_empty_leaves_the_last_audit_untouched(audited, tmp_path, capsys):
    folder, run = audited
    before = {path: path.read_bytes() for path in run.glob("*.*")}
    empty = folder / "Fresh" / "Train"
    empty.mkdir(parents=True)
    try:
        assert audit(folder, run) == 1
    finally:
        empty.rmdir()
        empty.parent.rmdir()
    assert "Fresh/Train is empty" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in run.glob("*.*")} == before


def test_a_folder_of_which_nothing_can_be_read_is_one_sentence(tmp_path, capsys):
    (tmp_path / "data" / "x").mkdir(parents=True)
    (tmp_path / "data" / "x" / "a.jpg").write_bytes(b"\xff\xd8\xff cut")
    assert audit(tmp_path / "data", tmp_path / "run") == 1
    assert "None of the 1 pictures" in capsys.readouterr().err


def test_bones_are_grouped_by_the_manifest_that_the_audit_left(tmp_path, monkeypatch):
    folder = tmp_path / "bones"
    for number in range(4):
        write(folder / "fractured" / f"{number}.jpg", draw(number))
        write(folder / "not-fractured" / f"{number}.jpg", draw(100 + number))
    write(folder / "not-fractured" / "mirrored.jpg", COPIES["mirrored"](draw(101)))
    assert audit(folder, tmp_path / "runs" / "audit-bones") == 0
    monkeypatch.setattr(manifests, "RUNS", tmp_path / "runs")
    rows = read_bones(folder)
    groups = {row.path.relative_to(folder).as_posix(): row.group for row in rows}
    assert groups["not-fractured/1.jpg"] == groups["not-fractured/mirrored.jpg"]
    assert len(set(groups.values())) == len(rows) - 1


def test_the_audit_of_another_folder_of_this_name_is_left_alone(audited, tmp_path, capsys):
    _, run = audited
    before = (run / "manifest.csv").read_bytes()
    write(tmp_path / "data" / "x" / "a.jpg", draw(1))
    assert audit(tmp_path / "data", run) == 1
    assert "holds the audit of" in capsys.readouterr().err
    assert (run / "manifest.csv").read_bytes() == before
