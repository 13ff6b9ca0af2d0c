"""From a run's maps to a release's tables: what is kept, what is not, and that both read back."""

import json
from dataclasses import fields

import numpy as np
import pytest

from tests.training.evaluation.detector.parts import write_part, write_run
from tests.training.evaluation.detector.tables import drawn_detector
from training.errors import TrainingError
from training.evaluation.detector import tables
from training.evaluation.detector.held_out import HeldOut
from training.evaluation.detector.run_scores import read_detector_scores
from training.evaluation.detector.scores import ARRAYS, Candidates, DetectorScores
from training.fitting.detection.splits import DETECTOR_SPLITS

BOX = (0.1234567, 0.2345678, 0.3456789, 0.4567891)
PLACES = ("123", "234", "345", "456")  # how the true box's numbers begin
FILES = {tables.PICTURES, tables.CANDIDATES, tables.ALTERED}


@pytest.fixture
def run(tmp_path):
    """Two folds and a part without FracAtlas; one picture has two boxes."""
    pictures = [
        {
            "id": "a",
            "label": 1,
            "hand": True,
            "fracture": 1.23456,
            "boxes": [BOX, (0.9, 0.9, 0.02, 0.02)],
            "peaks": [(6, 4, 2.0, 2.0), (1, 12, 1.0, 1.0)],
        },
        {"id": "b", "label": 0, "fracture": -1.0, "peaks": [(3, 3, 0.5, 1.0)]},
        # Nobody boxed its break: whether a candidate is right is not known, and none is scored.
        {"id": "e", "label": 1, "measured": False, "peaks": [(3, 3, 0.5, 1.0)]},
    ]
    altered = {
        "altered_names": np.array(["marker", "rim"]),
        "altered_rows": np.array([1, 0]),
        "altered_fracture": np.array([[-0.5, 1.5], [0.25, 2.0]], np.float32),
    }
    write_part(tmp_path, "repeat-0-fold-0", pictures, **altered)
    webs = [
        {"id": "c", "collection": "multi-region", "label": 1, "measured": False},
        {"id": "d", "collection": "multi-region", "label": 0},
    ]
    altered |= {
        "altered_rows": np.array([1]),
        "altered_fracture": np.array([[0.5], [-3.0]], np.float32),
    }
    write_part(tmp_path, "repeat-0-fold-1", webs, **altered)
    write_part(tmp_path, "without-fracatlas", pictures)
    write_part(tmp_path, "final", [])
    write_run(tmp_path, 2, "without-fracatlas", "final")
    return tmp_path


def test_parts_become_outcomes(run):
    scores = read_detector_scores(run)
    assert scores.ids.tolist() == ["a", "b", "e", "c", "d", "a", "b", "e"]
    assert scores.splits[5] == "without-fracatlas"
    assert scores.focus.tolist() == [1, -1, -1, -1, -1, 1, -1, -1]
    assert scores.boxes.tolist()[0] == [1, 0, 1]
    assert scores.fracture[0] == 1.2346  # the decimals that a release keeps
    assert scores.marks["hand"].tolist() == [True, *[False] * 4, True, False, False]
    best = scores.candidates.where(scores.candidates.ranks == 0)
    assert best.pictures.tolist() == [0, 1, 5, 6]  # multi-region has no box to hold them against
    assert best.hits.tolist() == [0, -1, 0, -1]
    assert scores.altered.pictures.tolist() == [1, 0, 4]  # rows of all parts, one behind the other
    assert scores.altered.fracture.tolist() == [[-0.5, 1.5, 0.5], [0.25, 2.0, -3.0]]


def test_a_collection_is_taken_one_picture_a_radiograph_and_by_part(run):
    scores = read_detector_scores(run)
    assert scores.of("multi-region").ids.tolist() == ["d"]
    assert scores.of("fracatlas").splits.tolist() == ["repeat-0-fold-0"] * 2
    unseen = scores.of("fracatlas", "without-fracatlas")
    assert unseen.splits.tolist() == ["without-fracatlas"] * 2
    assert set(unseen.candidates.pictures) == {0, 1}
    assert len(unseen.altered) == 0


def test_a_file_under_several_numbers_is_measured_once_in_each_part(tmp_path):
    """The same file of another collection is that one's own."""
    twice = [
        {"id": "a", "measured": False},
        *({"id": "a", "fracture": number} for number in (1.0, 2.0)),
        {"id": "b"},
    ]
    write_part(tmp_path, "repeat-0-fold-0", [*twice, {"id": "a", "collection": "boxes"}])
    write_part(tmp_path, "without-fracatlas", twice)
    write_run(tmp_path, 1, "without-fracatlas")
    scores = read_detector_scores(tmp_path)
    for part in ("repeat-", "without-"):
        assert scores.of("fracatlas", part).ids.tolist() == ["a", "b"]
        assert scores.of("fracatlas", part).fracture[0] == 1.0
    assert scores.of("boxes").ids.tolist() == ["a"]


def test_no_place_of_a_true_box_goes_into_a_table(run, tmp_path):
    scores = read_detector_scores(run)
    out = tmp_path / "out"
    out.mkdir()
    tables.write(scores, out)
    assert {path.name for path in out.iterdir()} == FILES
    text = "".join(path.read_text() for path in out.iterdir())
    held = {f"0.{start}" for start in PLACES}
    assert not [place for place in held if place in text]
    with (out / tables.CANDIDATES).open() as file:
        assert file.readline().strip() == "picture,rank,heat,hit,iou,size"
    with (out / tables.PICTURES).open() as file:
        columns = file.readline().strip().split(",")
    assert not {"x", "y", "left", "top", "boxes", "focus_x", "focus_y"} & set(columns)


def test_a_table_is_read_as_it_was_written_and_written_again_byte_for_byte(run, tmp_path):
    for name, scores in (("run", read_detector_scores(run)), ("drawn", drawn_detector(200))):
        first, second = tmp_path / f"{name}-1", tmp_path / f"{name}-2"
        for folder in (first, second):
            folder.mkdir()
        tables.write(scores, first)
        again = tables.read(first)
        tables.write(again, second)
        for path in first.iterdir():
            assert (second / path.name).read_bytes() == path.read_bytes(), path.name
        for array in ARRAYS:
            np.testing.assert_array_equal(getattr(again, array), getattr(scores, array), array)
        for column in fields(Candidates):
            wrote, read = (getattr(one.candidates, column.name) for one in (scores, again))
            assert np.array_equal(wrote, read), column.name
        assert again.altered.names == scores.altered.names
        assert np.array_equal(again.altered.fracture, scores.altered.fracture)


def test_a_release_without_a_detector_has_no_scores(tmp_path):
    assert len(tables.read(tmp_path)) == 0
    tables.write(DetectorScores.none(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_run_whose_detectors_are_not_there_yet_is_unfinished(tmp_path):
    with pytest.raises(TrainingError, match="unfinished: no detector is trained yet"):
        read_detector_scores(tmp_path)
    (tmp_path / DETECTOR_SPLITS).write_text('"detector-final"')
    with pytest.raises(TrainingError, match="is damaged"):
        read_detector_scores(tmp_path)


def test_a_file_that_no_part_of_the_run_left_is_not_counted(run):
    """A process killed while it wrote, of this version or an earlier one, or a copy beside."""
    counted = len(read_detector_scores(run))
    whole = (run / "detector-repeat-0-fold-0.npz").read_bytes()
    for name in ("0.4711.part.npz", "0.npz.4711.part", "0-copy.npz"):
        (run / f"detector-repeat-0-fold-{name}").write_bytes(whole)
    (run / "detector-repeat-0-fold-1.4711.part.npz").write_bytes(whole[:200])
    assert len(read_detector_scores(run)) == counted


def test_a_run_without_one_of_its_folds_is_unfinished(run):
    write_run(run, folds=3)
    with pytest.raises(TrainingError, match=r"detector-repeat-0-fold-2 is not trained yet"):
        read_detector_scores(run)


def test_a_part_that_the_run_names_and_lacks_is_named(run):
    names = [
        "detector-repeat-0-fold-0",
        "detector-repeat-0-fold-1",
        "detector-without-multi-region",
    ]
    (run / DETECTOR_SPLITS).write_text(json.dumps(names))
    with pytest.raises(TrainingError, match=r"detector-without-multi-region is not trained yet"):
        read_detector_scores(run)


def test_kinds_that_were_scored_apart_are_found_by_the_picture(run):
    said = np.arange(18).reshape(3, 6) / 7
    ids, repeats = np.array(["b", "a", "b"]), np.array([0, 0, 1])
    np.savez(run / "kinds.npz", films_ids=ids, films_repeats=repeats, films_kinds=said)
    kinds = read_detector_scores(run).kinds
    assert kinds[0].tolist() == said[1].round(4).tolist()
    assert kinds[1].tolist() == kinds[6].tolist() == said[0].round(4).tolist()
    assert np.isnan(kinds[2:5]).all()


def test_a_candidate_of_a_picture_that_is_not_there_is_damage(tmp_path):
    tables.write(drawn_detector(50), tmp_path)
    path = tmp_path / tables.CANDIDATES
    path.write_text(path.read_text() + "9999,0,1.0000,-1,,\n")
    with pytest.raises(IndexError):
        tables.read(tmp_path)


def test_a_damaged_part_is_named(run):
    path = write_part(run, "repeat-0-fold-1", [{"id": "e"}], heat=np.zeros((2, 14, 14)))
    with pytest.raises(TrainingError, match="is damaged"):
        HeldOut.read(path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(TrainingError, match="is damaged"):
        read_detector_scores(run)


def test_a_part_without_any_box_has_no_candidates(tmp_path):
    write_part(tmp_path, "repeat-0-fold-0", [{"id": "a", "label": 1}, {"id": "b"}])
    write_run(tmp_path, folds=1)
    scores = read_detector_scores(tmp_path)
    assert len(scores.candidates) == 0
    assert scores.focus.tolist() == [-1, -1]
    tables.write(scores, tmp_path)
    assert len(tables.read(tmp_path)) == 2
