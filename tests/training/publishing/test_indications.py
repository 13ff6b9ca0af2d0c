"""The table that the next release will hold, from the rows of the collection that it is measured on."""

import csv
import json

import pytest

from classifier.indication_table import read_indications
from classifier.indications import Subject
from tests.conftest import DATA
from training.publishing.indications import FRACTURED, PICTURES, indications_table

FLAGS = ("hand", "leg", "hip", "shoulder", "frontal", "lateral", "oblique")


def rows(number, fractured, **shown):
    plain = dict.fromkeys(FLAGS, "0") | {name: str(value) for name, value in shown.items()}
    return [{**plain, "fractured": str(int(at < fractured))} for at in range(number)]


def test_a_cell_is_measured_from_enough_pictures_and_fractures_on():
    enough = rows(PICTURES, FRACTURED, hand=1, frontal=1)
    few_broken = rows(PICTURES, FRACTURED - 1, leg=1, frontal=1)
    few = rows(PICTURES - 1, FRACTURED, hip=1, lateral=1)
    table = indications_table([*enough, *few_broken, *few])
    (cell,) = table["measured"]
    assert (cell["pictures"], cell["fractured"]) == (PICTURES, FRACTURED)
    read = read_indications(json.loads(json.dumps({"indications": table})))
    assert read.of(Subject("wrist", "frontal", "adult")).state == "measured"
    assert read.of(Subject("wrist", "frontal")).state == "measured"
    for subject in (Subject("wrist", "lateral"), Subject("knee", "frontal"), Subject("hip")):
        assert read.of(subject).state == "not_measured"
    assert read.of(Subject("wrist", "frontal", "child")).not_measured_for == ("child",)
    assert read.of(Subject("wrist", "frontal", "older")).not_measured_for == ("older",)
    assert read.of(Subject("chest")).is_excluded


def test_a_picture_of_two_regions_and_views_counts_for_each():
    both = rows(PICTURES, FRACTURED, hand=1, shoulder=1, frontal=1, lateral=1)
    table = indications_table(both)
    cells = {(cell["body_part"][0], cell["projection"][0]): cell for cell in table["measured"]}
    assert set(cells) == {
        (part, view) for part in ("hand", "shoulder") for view in ("frontal", "lateral")
    }
    assert cells["hand", "lateral"]["pictures"] == PICTURES


def test_a_row_that_is_not_understood_is_an_error():
    with pytest.raises(ValueError, match="hand is 2"):
        indications_table(rows(1, 0, hand=2))
    with pytest.raises(KeyError):
        indications_table([{"fractured": "1"}])


def test_the_collections_own_rows_give_the_cells_that_the_decision_names():
    path = DATA / "fracatlas" / "manifest.csv"
    if not path.is_file():
        pytest.skip(f"no FracAtlas in {DATA}")
    with path.open(newline="") as file:
        table = indications_table(csv.DictReader(file))
    cells = [(cell["body_part"][0], cell["projection"][0]) for cell in table["measured"]]
    assert cells == [
        *(("hand", "frontal"), ("hand", "lateral"), ("leg", "frontal"), ("leg", "lateral")),
        *(("hip", "frontal"), ("shoulder", "frontal")),
    ]
