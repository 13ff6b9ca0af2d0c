"""Joins the detector's splits of a run: maps and true boxes become outcomes."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np

from training.evaluation.detector.held_out import HeldOut, held_out_splits
from training.evaluation.detector.outcomes import SIZES, focus_in_box, hits_of, size_classes
from training.evaluation.detector.scores import ARRAYS, Altered, Candidates, DetectorScores
from training.evaluation.rounding import rounded
from training.fitting.kinds_record import KINDS_FILE
from training.storage.files import read_arrays


def read_detector_scores(run: Path) -> DetectorScores:
    """The scores of all detectors of a run.

    Raises TrainingError if a split is damaged or not trained yet.
    """
    found = DetectorScores.none()
    for held_out in held_out_splits(run):
        found = joined(found, _scored(held_out))
    return _with_kinds(found, run / KINDS_FILE)


def _with_kinds(scores: DetectorScores, path: Path) -> DetectorScores:
    """Adds the kinds head's scores of pictures that it was not trained on, if the run has them."""
    arrays = read_arrays(path) if path.is_file() else {}
    if "films_ids" not in arrays:
        return scores
    first = arrays["films_repeats"] == 0
    kinds_of = dict(
        zip(arrays["films_ids"][first], rounded(arrays["films_kinds"][first]), strict=True)
    )
    kinds = [kinds_of.get(name, own) for name, own in zip(scores.ids, scores.kinds, strict=True)]
    return replace(scores, kinds=np.array(kinds))


def _scored(held_out: HeldOut) -> DetectorScores:
    arrays, count = held_out.arrays, len(held_out)
    columns = {name: arrays[name] for name in ARRAYS if name in arrays}
    columns |= {
        "splits": np.full(count, held_out.split),
        "measured": _one_a_radiograph(arrays),
        "labels": arrays["labels"].astype(int),
        "fracture": rounded(arrays["fracture"].reshape(count)),
        "kinds": rounded(arrays["kinds"]),
        "focus": np.array([focus_in_box(held_out, picture) for picture in range(count)], int),
        "boxes": np.array([_counts(held_out, picture) for picture in range(count)], int).reshape(
            count, len(SIZES)
        ),
    }
    return DetectorScores(
        **columns,
        marks=held_out.marks,
        candidates=_candidates(held_out),
        altered=_altered(held_out),
    )


def _one_a_radiograph(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """(N,) bool: the measured pictures; of several copies of a file in one collection it is one.

    It is decided here and not when pictures are read, because the data that a run was trained on must not
    change. FracAtlas' twin groups don't name copies: some contain films of different patients.
    """
    measured = arrays["measured"].astype(bool)
    named = list(zip(arrays["collections"], arrays["radiographs"], strict=True))
    first = {named[row]: row for row in reversed(np.flatnonzero(measured))}
    only = np.zeros_like(measured)
    only[list(first.values())] = True
    return only


def _counts(held_out: HeldOut, picture: int) -> np.ndarray:
    classes = size_classes(held_out.true_boxes(picture), held_out.arrays["sizes"][picture])
    return np.bincount(classes, minlength=len(SIZES))


def _candidates(held_out: HeldOut) -> Candidates:
    """Candidates of the pictures that can show whether a candidate is right: healthy ones, and fractured
    ones with boxes.

    A collection without any box could show it only for its healthy pictures, so it is left out.
    """
    collections, labels = held_out.arrays["collections"], held_out.arrays["labels"]
    with_box = np.zeros(len(held_out), bool)
    with_box[held_out.arrays["boxes"][:, 0].astype(int)] = True
    known = np.isin(collections, collections[with_box]) & (with_box | (labels == 0))
    rows = [
        (picture, rank, hit.heat, hit.box, hit.overlap, hit.size)
        for picture in np.flatnonzero(known).tolist()
        for rank, hit in enumerate(hits_of(held_out, picture))
    ]
    if not rows:
        return Candidates.none()
    pictures, ranks, heats, hits, overlaps, sizes = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    return Candidates(pictures, ranks, rounded(heats), hits, rounded(overlaps), sizes)


def _altered(held_out: HeldOut) -> Altered:
    if "altered_names" not in held_out.arrays:
        return Altered.none()
    return Altered(
        held_out.arrays["altered_rows"].astype(int),
        tuple(str(name) for name in held_out.arrays["altered_names"]),
        rounded(held_out.arrays["altered_fracture"]),
    )


def joined(first: DetectorScores, second: DetectorScores) -> DetectorScores:
    """Both scores; the rows of the second come after those of the first."""
    candidates, start = second.candidates, len(first)
    return DetectorScores(
        **{name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in ARRAYS},
        marks={
            name: np.concatenate([marked, second.marks[name]])
            for name, marked in first.marks.items()
        },
        candidates=Candidates(
            **{
                column.name: np.concatenate(
                    [
                        getattr(first.candidates, column.name),
                        getattr(candidates, column.name)
                        + (start if column.name == "pictures" else 0),
                    ]
                )
                for column in fields(Candidates)
            }
        ),
        altered=_both_altered(first.altered, second.altered, start),
    )


def _both_altered(first: Altered, second: Altered, start: int) -> Altered:
    """Some splits alter no picture; all others have the same changes. ``start``: first row of the second."""
    moved = replace(second, pictures=second.pictures + start)
    if not first.names or not second.names:
        return moved if second.names else first
    return Altered(
        np.concatenate([first.pictures, moved.pictures]),
        first.names,
        np.concatenate([first.fracture, moved.fracture], 1),
    )
