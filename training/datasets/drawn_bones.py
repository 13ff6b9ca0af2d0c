"""Bones that Callus draws, for the kinds head alone.

Most non-radiographs are drawn by Callus, chests and slices above all. Without drawn bones beside them the
head is trained to call every drawn picture a non-radiograph: it called half of the drawn bones chests.
"""

import hashlib
from pathlib import Path

import numpy as np

from classifier.preprocess import Preprocessing, stored
from demo import drawings
from training.datasets.bones import STATES
from training.datasets.dataset import Dataset, Row

EACH = 12  # pictures of each label, beside some five thousand real bones
_SHAPES = ((450, 350), (350, 450), (400, 400))  # height, width in pixels


def drawn_bones(size: int, seed: int) -> Dataset:
    """The drawn pictures as one group, letterboxed as by ``load``. They are used for training, not for
    evaluation.
    """
    rows, pixels, spec = [], [], Preprocessing(size=size)
    for at, label in enumerate(drawings.LABELS):
        for number in range(EACH):
            own = int(np.random.SeedSequence([seed, at, number]).generate_state(1)[0])
            grey = np.asarray(drawings.draw(label, own, _SHAPES[number % len(_SHAPES)]))
            digest = hashlib.sha256(grey.tobytes()).hexdigest()
            state = STATES.index("healthy" if label == "intact" else "fractured")
            rows.append(Row(Path("drawn-bone"), state, digest, "drawn-bone", usable=False))
            pixels.append(stored(grey, spec))
    return Dataset(rows, np.stack(pixels), STATES)
