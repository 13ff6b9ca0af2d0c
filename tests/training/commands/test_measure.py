"""``python -m training measure`` on a drawn release and a drawn hospital."""

import csv
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from classifier.classify import Classifier
from classifier.radiograph import read_radiograph
from classifier.release import load_release
from tests.training.drawn import ELSEWHERE_COLUMNS, draw_elsewhere, write_manifest
from tests.training.evaluation.detector.tables import drawn_detector
from tests.training.evaluation.score_tables import drawn_run
from training.__main__ import main
from training.datasets.external_collection import read_folder
from training.errors import TrainingError
from training.evaluation.external.rule import call_usability
from training.evaluation.external.scores import ExternalScores
from training.evaluation.scores import RunScores
from training.publishing.card.model_card import model_card
from training.publishing.measured_release import refuse_seen

TABLE = "scores_elsewhere.csv"


@pytest.fixture(scope="module")
def hospital(tmp_path_factory) -> Path:
    return draw_elsewhere(tmp_path_factory.mktemp("elsewhere") / "hospital")


@pytest.fixture(scope="module")
def exported(trained) -> Path:
    return trained.releases / "drawn-0.1.0"


@pytest.fixture(scope="module")
def measured(exported, hospital, tmp_path_factory) -> Path:
    releases = tmp_path_factory.mktemp("measured")
    command = ["measure", str(exported), str(hospital), "--write", str(releases)]
    assert main([*command, "--version", "0.1.1"]) == 0
    return releases / "drawn-0.1.1"


def entries(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def copied(hospital: Path, folder: Path) -> Path:
    shutil.copytree(hospital, folder / "hospital")
    return folder / "hospital"


def test_an_exported_release_says_that_its_call_may_not_be_used(exported):
    call = load_release(exported).manifest["call"]
    assert call["usable"] is False
    assert call["usable_reason"] == call_usability(None)["usable_reason"]
    assert call["usable_reason"] in (exported / "MODEL_CARD.md").read_text()


def test_each_picture_is_scored_as_the_site_would(measured, hospital):
    scores = ExternalScores.read(measured / TABLE)
    classifier = Classifier(measured)
    for index, entry in enumerate(entries(hospital)[:-1]):
        content = (hospital / entry["path"]).read_bytes()
        (finding,) = classifier.classify([read_radiograph(content, "film.png")])
        assert scores.ids[index] == entry["sha256"][:16]
        assert scores.calls[index] == (finding.call or "not_assessable")
        probability = 1 / (1 + np.exp(-scores.log_odds[index]))
        assert probability == pytest.approx(finding.fracture_probability, abs=1e-4)
        assert scores.labels[index] == int(entry["fractured"])


def test_a_cut_off_file_is_skipped_and_counted(measured, hospital):
    figures = load_release(measured).manifest["metrics"]["elsewhere"]
    assert (figures["pictures"], figures["unread"]) == (11, 1)
    assert ExternalScores.read(measured / TABLE).calls[-1] == "unread"


def test_the_measured_release_has_the_same_weights_and_is_whole(measured, exported):
    release, before = load_release(measured), load_release(exported)
    assert release.version == release.manifest["config"]["version"] == "0.1.1"
    for name in ("model.safetensors", "model.onnx", "scores_types.csv"):
        assert (measured / name).read_bytes() == (exported / name).read_bytes()
    changed = {"version", "call", "data", "config", "metrics", "files"}
    for name in before.manifest.keys() - changed:
        assert release.manifest[name] == before.manifest[name]
    assert release.call == before.call


def test_figures_card_and_table_agree(measured, capsys):
    manifest = dict(load_release(measured).manifest)
    manifest.pop("files")
    assert (measured / "MODEL_CARD.md").read_text() == model_card(manifest)
    assert main(["evaluate", "--scores", str(measured)]) == 0
    assert json.loads(capsys.readouterr().out) == manifest["metrics"]
    told = call_usability(manifest["metrics"]["elsewhere"])
    assert {key: manifest["call"][key] for key in told} == told
    assert manifest["data"]["elsewhere"] == RunScores.read(measured).elsewhere.fingerprint


def test_a_small_hospital_does_not_make_a_call_usable(measured):
    """However well it does on twelve pictures."""
    call = load_release(measured).manifest["call"]
    assert call["usable"] is False
    assert "are needed" in call["usable_reason"]


def test_no_file_name_goes_into_the_release(measured, hospital):
    text = (measured / TABLE).read_text() + (measured / "manifest.json").read_text()
    assert not [entry["path"] for entry in entries(hospital) if Path(entry["path"]).stem in text]


def test_the_same_again_is_the_same_to_the_byte(measured, hospital, tmp_path, capsys):
    """Also of the measured release itself: its table of elsewhere is the new one."""
    command = ["measure", str(measured), str(hospital), "--write", str(tmp_path)]
    assert main(command) == 0
    for path in measured.iterdir():
        assert (tmp_path / measured.name / path.name).read_bytes() == path.read_bytes(), path.name
    told = json.loads(capsys.readouterr().out)
    manifest = load_release(measured).manifest
    assert told["elsewhere"] == manifest["metrics"]["elsewhere"]
    assert told["usable"] is False


def test_without_write_nothing_is_written(exported, hospital, capsys):
    before = {path: path.stat().st_mtime_ns for path in exported.parent.rglob("*")}
    assert main(["measure", str(exported), str(hospital)]) == 0
    assert "auroc" in json.loads(capsys.readouterr().out)["elsewhere"]
    assert {path: path.stat().st_mtime_ns for path in exported.parent.rglob("*")} == before


def test_a_picture_that_the_release_was_made_with_measures_nothing(
    trained, exported, hospital, tmp_path, capsys
):
    folder = copied(hospital, tmp_path)
    known = sorted((trained.data / "multi-region").glob("fractured/*.png"))[0]
    shutil.copy(known, folder / "known.png")
    sha256 = hashlib.sha256(known.read_bytes()).hexdigest()
    rows = [list(entry.values()) for entry in entries(folder)]
    write_manifest(folder, [*rows, ["known.png", 1, 90, 90, 1, 0, 0, sha256]], ELSEWHERE_COLUMNS)
    assert main(["measure", str(exported), str(folder)]) == 1
    assert sha256[:16] in capsys.readouterr().err


def test_a_picture_that_the_detector_learnt_from_measures_nothing_either(tmp_path):
    """FracAtlas is among a detector's tables alone."""
    scores = replace(drawn_run(), detector=drawn_detector(50))
    scores.write(tmp_path)
    release = SimpleNamespace(folder=tmp_path, title="drawn 3.0.0")
    refuse_seen(release, {"f" * 16})
    with pytest.raises(TrainingError, match="1 of the pictures were used"):
        refuse_seen(release, {"f" * 16, scores.detector.ids[0]})


def test_another_file_than_the_manifest_names_is_refused(exported, hospital, tmp_path, capsys):
    folder = copied(hospital, tmp_path)
    one, other = (folder / entry["path"] for entry in entries(folder)[:2])
    one.write_bytes(other.read_bytes())
    assert main(["measure", str(exported), str(folder)]) == 1
    assert "is not the file that the manifest names" in capsys.readouterr().err


def rows_of(folder: Path) -> list[list[object]]:
    return [list(entry.values()) for entry in entries(folder)]


COLUMN = {name: index for index, name in enumerate(ELSEWHERE_COLUMNS)}


def changed(column: str, value: object, which: slice = slice(1)):
    """A fault: ``value`` in ``column`` of some rows."""

    def change(rows: list[list[object]]) -> list[list[object]]:
        for row in rows[which]:
            row[COLUMN[column]] = value
        return rows

    return change


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (changed("block", ""), "has no block"),
        (changed("block", " ", slice(None)), "has no block"),
        (changed("twin_group", "", slice(None)), "has no twin_group"),
        (changed("block", "1", slice(None)), "into one group"),
        (changed("twin_group", "1", slice(None)), "into one group"),
        (changed("path", "../m/missing/x.jpg"), "is not a file below the folder"),
        (changed("path", "/etc/hostname"), "is not a file below the folder"),
        (changed("path", "A\\..\\..\\x.jpg"), "is not a file below the folder"),
        (changed("path", ""), "a row without a path"),
        (changed("sha256", "abc"), "64 hexadecimal digits"),
        (lambda rows: [*rows, rows[0]], "is in several rows"),
        (lambda rows: [*rows, rows[0][:-2]], "not as many values"),
    ],
)
def test_a_manifest_that_says_what_can_not_be_is_one_sentence(
    fault, says, exported, hospital, tmp_path, capsys
):
    folder = copied(hospital, tmp_path)
    write_manifest(folder, fault(rows_of(folder)), ELSEWHERE_COLUMNS)
    assert main(["measure", str(exported), str(folder)]) == 1
    told = capsys.readouterr().err
    assert says in told
    assert "manifest.csv" in told


@pytest.mark.parametrize(
    "content", [b"\xff\xd8\xff\xe0", "path,fractured,gr\u00f6\u00dfe".encode("latin-1")]
)
def test_a_manifest_that_is_no_text_is_one_sentence(content, exported, tmp_path, capsys):
    (tmp_path / "manifest.csv").write_bytes(content)
    assert main(["measure", str(exported), str(tmp_path)]) == 1
    assert "is no CSV file of UTF-8 text" in capsys.readouterr().err


def test_a_spreadsheets_mark_and_capitals_change_nothing_and_a_copy_counts_once(
    exported, hospital, tmp_path, capsys
):
    folder = copied(hospital, tmp_path)
    rows = rows_of(folder)
    shutil.copy(folder / rows[0][0], folder / "copy.png")
    rows.append(["copy.png", *rows[0][1:]])
    for row in rows:
        row[COLUMN["sha256"]] = row[COLUMN["sha256"]].upper()
    write_manifest(folder, rows, ELSEWHERE_COLUMNS)
    path = folder / "manifest.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert main(["measure", str(exported), str(folder)]) == 0
    told = json.loads(capsys.readouterr().out)["elsewhere"]
    assert (told["pictures"], told["unread"]) == (11, 1)
    rows[-1][COLUMN["fractured"]] = 1 - int(rows[-1][COLUMN["fractured"]])
    write_manifest(folder, rows, ELSEWHERE_COLUMNS)
    assert main(["measure", str(exported), str(folder)]) == 1
    assert "are one file" in capsys.readouterr().err


def test_where_nothing_can_be_written_nothing_is_measured(
    exported, measured, hospital, tmp_path, capsys
):
    command = ["measure", str(exported), str(hospital), "--write"]
    (tmp_path / "file").write_text("")
    for target in (tmp_path / "file", tmp_path / "file" / "below"):
        assert main([*command, str(target)]) == 1
        assert "is a file" in capsys.readouterr().err
    again = [*command, str(measured.parent), "--version", "0.1.1"]
    before = (measured / "manifest.json").stat().st_mtime_ns
    assert main(again) == 1
    assert "is there already" in capsys.readouterr().err
    assert (measured / "manifest.json").stat().st_mtime_ns == before
    assert main([*again, "--replace"]) == 0
    assert (measured / "manifest.json").stat().st_mtime_ns > before


def test_another_hospitals_folder_is_always_named(exported):
    """There is no collection beside this repository that the shipped release has not learnt from."""
    with pytest.raises(SystemExit) as stopped:
        main(["measure", str(exported)])
    assert stopped.value.code == 2


@pytest.mark.parametrize("missing", ["block", "twin_group", "fractured", "sha256"])
def test_a_manifest_without_what_is_needed_is_named(missing, exported, hospital, tmp_path, capsys):
    folder = copied(hospital, tmp_path)
    names = [name for name in ELSEWHERE_COLUMNS if name != missing]
    write_manifest(folder, [[entry[name] for name in names] for entry in entries(folder)], names)
    assert main(["measure", str(exported), str(folder)]) == 1
    assert missing in capsys.readouterr().err


def test_a_folder_without_a_manifest_and_a_version_without_write_are_sentences(
    exported, hospital, tmp_path, capsys
):
    assert main(["measure", str(exported), str(tmp_path)]) == 1
    assert "manifest.csv" in capsys.readouterr().err
    assert main(["measure", str(exported), str(hospital), "--version", "9"]) == 1
    assert "--write" in capsys.readouterr().err


def test_a_version_names_a_folder_and_no_path(exported, hospital, tmp_path):
    with pytest.raises(SystemExit) as stopped:
        main(
            ["measure", str(exported), str(hospital), "--write", str(tmp_path), "--version", "../1"]
        )
    assert stopped.value.code == 2


def test_blocks_that_share_a_twin_are_one_group(tmp_path):
    rows = [
        [f"{number}.png", number % 2, block, twin, 0, 0, 0, f"{number:064x}"]
        for number, (block, twin) in enumerate(
            [(0, "a"), (1, "b"), (2, "b"), (3, "c"), (4, "c"), (2, "c"), (5, "d")]
        )
    ]
    write_manifest(tmp_path, rows, ELSEWHERE_COLUMNS)
    groups = [picture.group for picture in read_folder(tmp_path)]
    assert len(set(groups)) == 3
    assert len(set(groups[1:6])) == 1
    assert groups[0] != groups[1] != groups[6]
