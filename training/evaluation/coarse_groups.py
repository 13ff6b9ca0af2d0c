"""The ten types in four coarse groups, for triage where the type itself is uncertain.

Types are in one group if the first steps of treatment are similar, so that confusing them costs little:

* shaft: the bone is broken right through; it has to be reduced and held.
* incomplete: the bone is cracked or bent and keeps its length. It is easily missed; rest or a cast is enough.
* joint: a joint is dislocated, or a tendon or ligament has torn a piece off its bone. The joint and its soft
  parts have to be examined too, and a dislocation can't wait.
* pathological: a diseased bone broke. Its cause has to be found, whatever the shape of the fracture.

The groups were made for triage here. They are not a published classification.
"""

import numpy as np

from classifier.labels import CLASSES

TYPES_OF: dict[str, tuple[str, ...]] = {
    "shaft": ("comminuted", "oblique", "spiral", "longitudinal", "impacted"),
    "incomplete": ("greenstick", "hairline"),
    "joint": ("fracture_dislocation", "avulsion"),
    "pathological": ("pathological",),
}
"""Each coarse group's types. Every type is in one of them."""

COARSE: tuple[str, ...] = tuple(TYPES_OF)

_IN = np.array([[name in TYPES_OF[group] for group in COARSE] for name in CLASSES])  # (10, 4) bool


def coarse_labels(labels: np.ndarray) -> np.ndarray:
    """(N,) indices into ``CLASSES`` → (N,) indices into ``COARSE``."""
    found: np.ndarray = _IN.argmax(1)[labels]
    return found


def coarse_probabilities(probabilities: np.ndarray) -> np.ndarray:
    """(N, 10) calibrated probabilities of the types → (N, 4): the sum over the types of each group."""
    found: np.ndarray = probabilities @ _IN.astype(float)
    return found
