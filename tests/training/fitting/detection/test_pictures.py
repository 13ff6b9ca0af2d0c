"""What a person may write into the tables of a collection: read, or refused in a sentence with the path."""

from pathlib import Path

import pytest

from tests.training.fitting.detection.drawn import draw_boxes, draw_fracatlas
from training.datasets.detector_pictures import _boxes_of, film_rows
from training.datasets.joined_groups import TWINS, joined_groups
from training.errors import TrainingError


@pytest.fixture
def data(tmp_path) -> Path:
    draw_fracatlas(tmp_path / "fracatlas", 8)
    draw_boxes(tmp_path / "boxes", 4)
    return tmp_path


def add(path: Path, line: str | bytes) -> None:
    with path.open("ab") as file:
        file.write(line if isinstance(line, bytes) else f"{line}\n".encode())


@pytest.mark.parametrize("collection", ["fracatlas", "boxes"])
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a.png,abc,0.5,0.1,0.1", "has a box of a.png that isn't four numbers"),
        ("a.png,0.5,0.5,,0.1", "has a box of a.png that isn't four numbers"),
        ("a.png,0.5", "has not as many values as the header has columns"),
        ("a.png,0.5,0.5,0.1,0.1,0.1", "has not as many values as the header has columns"),
        (b"\xff\xfe\x00.png,0.5,0.5,0.1,0.1\n", "is no CSV file of UTF-8 text"),
        ("a.png,0.99,0.5,1.0,0.1", "has a box of a.png that is not in its picture"),
        ("a.png,0.5,0.02,0.1,0.1", "has a box of a.png that is not in its picture"),
        ("a.png,0.5,0.5,0.1,-0.1", "has a box of a.png that is not in its picture"),
        ("a.png,nan,0.5,0.1,0.1", "has a box of a.png that is not in its picture"),
        ("a.png,0.5,0.5,inf,0.1", "has a box of a.png that is not in its picture"),
    ],
)
def test_a_box_that_is_none_is_named(data, collection, line, said):
    path = data / collection / "boxes.csv"
    add(path, line)
    with pytest.raises(TrainingError) as refused:
        film_rows(data)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_box_at_the_edge_may_be_rounded(data):
    path = data / "boxes" / "boxes.csv"
    add(path, "edge.png,0.983,0.5,0.035,0.1")
    assert _boxes_of(path.parent)["edge.png"] == (pytest.approx((0.9655, 0.45, 0.035, 0.1)),)


@pytest.mark.parametrize("line", [b"\xff,1\n", b"1\n", b"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"])
@pytest.mark.parametrize("name", ["fracatlas/manifest.csv", "boxes/manifest.csv", TWINS])
def test_a_damaged_table_is_named(data, name, line):
    if name == TWINS:
        (data / name).write_text("group_id,path\n")
    add(data / name, line)
    with pytest.raises(TrainingError, match=name):
        joined_groups(film_rows(data), data)
