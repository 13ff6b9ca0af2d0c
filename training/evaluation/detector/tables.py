"""A detector's scores as three tables of a release, with fixed decimals: equal scores give equal bytes."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from classifier.assessability import KINDS
from training.datasets.bones import STATES
from training.evaluation.detector.held_out import MARKS
from training.evaluation.detector.outcomes import SIZES
from training.evaluation.detector.scores import ARRAYS, Altered, Candidates, DetectorScores
from training.evaluation.rounding import written

PICTURES = "scores_detector.csv"
CANDIDATES = "scores_detector_boxes.csv"
ALTERED = "scores_detector_altered.csv"
_TEXTS = {
    "part": "splits",
    "id": "ids",
    "collection": "collections",
    "group": "groups",
    "radiograph": "radiographs",
}


def write(scores: DetectorScores, folder: Path) -> None:
    """Writes nothing if there is no detector. The tables contain no file names and no positions of boxes."""
    if not len(scores):
        return
    _write(folder / PICTURES, _of_pictures(scores))
    _write(folder / CANDIDATES, _of_candidates(scores.candidates))
    if len(scores.altered):
        columns = zip(scores.altered.names, scores.altered.fracture, strict=True)
        altered = {name: map(written, fracture) for name, fracture in columns}
        _write(folder / ALTERED, {"picture": scores.altered.pictures, **altered})


def read(folder: Path) -> DetectorScores:
    """Reads what ``write`` wrote; no scores if there is no table.

    Raises ValueError, KeyError or IndexError if a table was edited or cut off.
    """
    if not (folder / PICTURES).is_file():
        return DetectorScores.none()
    rows = _rows(folder / PICTURES)
    arrays: dict[str, Any] = {
        name: np.array([row[column] for row in rows]) for column, name in _TEXTS.items()
    }
    arrays |= {
        "measured": np.array([row["measured"] == "1" for row in rows]),
        "labels": np.array([STATES.index(row["label"]) for row in rows]),
        "sizes": _numbers(rows, ("width", "height"), int),
        "fracture": np.array([float(row["fracture"]) for row in rows]),
        "kinds": _numbers(
            rows, [f"kind_{name}" for name in KINDS], lambda text: float(text or "nan")
        ),
        "focus": np.array([int(row["focus_in_box"] or -1) for row in rows]),
        "boxes": _numbers(rows, [f"true_{name}" for name in SIZES], int),
    }
    return DetectorScores(
        **{name: arrays[name] for name in ARRAYS},
        marks={name: np.array([row[name] == "1" for row in rows]) for name in MARKS},
        candidates=_candidates(_rows(folder / CANDIDATES), len(rows)),
        altered=_altered(folder / ALTERED, len(rows)),
    )


def _of_pictures(scores: DetectorScores) -> dict[str, Iterable[Any]]:
    return {
        **{column: getattr(scores, name) for column, name in _TEXTS.items()},
        "measured": scores.measured.astype(int),
        "label": [STATES[label] for label in scores.labels],
        "width": scores.sizes[:, 0],
        "height": scores.sizes[:, 1],
        **{name: marked.astype(int) for name, marked in scores.marks.items()},
        "fracture": map(written, scores.fracture),
        **{
            f"kind_{name}": [
                "" if np.isnan(kind) else written(kind) for kind in scores.kinds[:, index]
            ]
            for index, name in enumerate(KINDS)
        },
        "focus_in_box": ["" if inside < 0 else inside for inside in scores.focus],
        **{f"true_{name}": scores.boxes[:, index] for index, name in enumerate(SIZES)},
    }


def _of_candidates(candidates: Candidates) -> dict[str, Iterable[Any]]:
    """A miss has neither an overlap nor a size."""
    hit = candidates.hits >= 0
    return {
        "picture": candidates.pictures,
        "rank": candidates.ranks,
        "heat": map(written, candidates.heats),
        "hit": candidates.hits,
        "iou": [
            written(overlap) if there else ""
            for overlap, there in zip(candidates.overlaps, hit, strict=True)
        ],
        "size": [
            SIZES[size] if there else "" for size, there in zip(candidates.sizes, hit, strict=True)
        ],
    }


def _candidates(rows: list[dict[str, str]], pictures: int) -> Candidates:
    return Candidates(
        _indices(rows, pictures),
        np.array([int(row["rank"]) for row in rows], int),
        np.array([float(row["heat"]) for row in rows], float),
        np.array([int(row["hit"]) for row in rows], int),
        np.array([float(row["iou"] or 0) for row in rows], float),
        np.array([SIZES.index(row["size"]) if row["size"] else -1 for row in rows], int),
    )


def _altered(path: Path, pictures: int) -> Altered:
    if not path.is_file():
        return Altered.none()
    rows = _rows(path)
    names = tuple(name for name in rows[0] if name != "picture")
    fracture = np.array([[float(row[name]) for row in rows] for name in names])
    return Altered(_indices(rows, pictures), names, fracture)


def _indices(rows: list[dict[str, str]], pictures: int) -> np.ndarray:
    found = np.array([int(row["picture"]) for row in rows], int)
    if len(found) and not 0 <= found.min() <= found.max() < pictures:
        raise IndexError("a picture that the first table lacks")
    return found


def _numbers(
    rows: list[dict[str, str]], names: Iterable[str], kind: Callable[[str], float]
) -> np.ndarray:
    names = list(names)
    return np.array([[kind(row[name]) for name in names] for row in rows])


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, columns: dict[str, Iterable[Any]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
