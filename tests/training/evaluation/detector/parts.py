"""Drawn ``detector-PART.npz`` as ``fit`` leaves them: small maps with a peak where it is said."""

import json
from pathlib import Path

import numpy as np

from training.evaluation.detector.held_out import MARKS, HeldOut
from training.fitting.detection.splits import DETECTOR_SPLITS, PREFIX

CELLS = 14  # of 8 pixels: an input of 112
QUIET = -6.0


def write_part(run: Path, part: str, pictures: list[dict], **more: np.ndarray) -> Path:
    """A picture is a dict: ``id``, ``collection``, ``label``, ``boxes`` (x, y, width, height), ``peaks``
    (row, column, heat, reach in cells), and ``group``, ``size``, ``place``, ``fracture`` where they matter.
    """
    count = len(pictures)
    heat = np.full((count, CELLS, CELLS), QUIET, np.float16)
    extent = np.ones((count, 4, CELLS, CELLS), np.float16)
    boxes = []
    for index, picture in enumerate(pictures):
        boxes += [(index, *box) for box in picture.get("boxes", [])]
        for row, column, strength, reach in picture.get("peaks", []):
            heat[index, row, column] = strength
            extent[index, :, row, column] = reach

    def column(name: str, otherwise) -> np.ndarray:
        return np.array([picture.get(name, otherwise) for picture in pictures])

    arrays = {
        "ids": column("id", "0" * 16),
        "collections": column("collection", "fracatlas"),
        "groups": np.array([picture.get("group", picture["id"]) for picture in pictures]),
        "radiographs": column("id", ""),
        "measured": column("measured", True),
        "labels": column("label", 0),
        "sizes": np.array([picture.get("size", (400, 400)) for picture in pictures]),
        "fracture": column("fracture", 0.0).astype(np.float32),
        "heat": heat,
        "extent": extent,
        "places": np.array(
            [picture.get("place", (0, 0, 8 * CELLS, 8 * CELLS)) for picture in pictures]
        ),
        "boxes": np.array(boxes, float).reshape(-1, 5),
        **{f"marks_{name}": column(name, False) for name in MARKS},
        **more,
    }
    path = run / f"detector-{part}.npz"
    np.savez(path, **arrays)
    return path


def write_run(run: Path, folds: int, *more: str) -> None:
    """The names of a run's parts: so many folds, and ``more`` parts."""
    parts = [*(f"repeat-0-fold-{fold}" for fold in range(folds)), *more]
    names = [f"{PREFIX}{part}" for part in parts]
    (run / DETECTOR_SPLITS).write_text(json.dumps(names))


def held(run: Path, *pictures: dict) -> HeldOut:
    return HeldOut.read(write_part(run, "repeat-0-fold-0", list(pictures)))
