"""Positions of bones and soft tissue in the projections of a long bone's shaft.

The profiles were drawn by eye after anatomy atlases; they are not measurements of a person.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from demo.drawings.bones import Bone, Field, Shaft, chord, rounded, trabeculae

_FLESH = 0.00105  # attenuation of soft tissue per unit of length
RANGE = 900.0  # a shaft that leaves the picture goes on this far


@dataclass(frozen=True)
class View:
    """``main`` is the bone that breaks; ``flesh`` rows are y, left and right skin."""

    main: Bone
    others: tuple[Bone, ...]
    flesh: tuple[tuple[float, float, float], ...]
    zoom: float = 1.0  # how close the collimator is drawn
    side: Literal["L", "R"] = "L"  # whose limb this is as drawn; the other side mirrors it

    def flesh_attenuation(self, x: Field, y: Field, grain: Field) -> Field:
        rows = np.array(self.flesh)
        left, right = (rounded(rows[:, 0], rows[:, column], y, 90) for column in (1, 2))
        half, middle = (right - left) / 2, (left + right) / 2
        # Muscle is lobed: slow waves; the skin and its fat lie round it as a thinner rim.
        muscle, skin = chord(x - middle, half * 0.9), chord(x - middle, half)
        return _FLESH * (1.25 * muscle * (1 + 0.12 * grain) + 0.75 * skin)


def thigh(rng: np.random.Generator) -> View:
    """Femur, shaft, AP."""
    grain = trabeculae(rng)
    w = rng.uniform(0.95, 1.08)
    femur = Shaft(
        (
            (-RANGE, -52 * w, 52 * w, 21, 0.25),
            (-300, -52 * w, 52 * w, 20, 0.25),
            (150, -50 * w, 50 * w, 18, 0.3),
            (330, -62 * w, 60 * w, 11, 0.6),
            (RANGE, -120 * w, 120 * w, 5, 1.0),
        ),
        grain,
        bow=rng.uniform(-14, 14),
    )
    return View(femur, (), ((-450, -265, 255), (0, -235, 225), (450, -205, 200)), zoom=1.2)


def upper_arm(rng: np.random.Generator) -> View:
    """Humerus, shaft, AP."""
    grain = trabeculae(rng)
    humerus = Shaft(
        (
            (-RANGE, -70, 70, 6, 0.9),
            (-430, -66, 62, 7, 0.8),
            (-260, -47, 46, 13, 0.4),
            (200, -40, 40, 14, 0.3),
            (380, -52, 50, 9, 0.6),
            (RANGE, -100, 100, 6, 0.9),
        ),
        grain,
        bow=rng.uniform(-10, 10),
    )
    return View(humerus, (), ((-450, -215, 190), (-100, -170, 165), (450, -140, 140)), zoom=1.3)


def lower_leg(rng: np.random.Generator) -> View:
    """Tibia and fibula, shaft, AP."""
    grain = trabeculae(rng)
    tibia = Shaft(
        (
            (-RANGE, -130, 120, 5, 1.0),
            (-420, -72, 66, 8, 0.7),
            (-230, -48, 46, 15, 0.35),
            (180, -40, 40, 15, 0.3),
            (370, -50, 48, 8, 0.7),
            (RANGE, -90, 90, 5, 1.0),
        ),
        grain,
        bow=rng.uniform(-8, 8),
    )
    fibula = Shaft(
        (
            (-RANGE, 92, 140, 6, 0.6),
            (-250, 98, 132, 9, 0.35),
            (200, 84, 116, 9, 0.35),
            (RANGE, 70, 120, 6, 0.6),
        ),
        trabeculae(rng),
        bow=rng.uniform(4, 12),
    )
    return View(
        tibia, (fibula,), ((-450, -165, 215), (-150, -140, 200), (450, -105, 155)), zoom=1.3
    )


def forearm(rng: np.random.Generator) -> View:
    """Radius and ulna, shaft."""
    grain = trabeculae(rng)
    radius = Shaft(
        (
            (-RANGE, -30, 30, 8, 0.5),
            (-300, -27, 27, 10, 0.3),
            (120, -29, 29, 10, 0.35),
            (330, -44, 40, 5, 0.8),
            (RANGE, -70, 70, 3, 1.0),
        ),
        grain,
        bow=rng.uniform(-20, -12),
    )
    ulna = Shaft(
        (
            (-RANGE, 85, 175, 6, 0.8),
            (-330, 92, 152, 9, 0.5),
            (60, 98, 140, 9, 0.35),
            (380, 104, 138, 6, 0.6),
            (RANGE, 104, 140, 5, 0.8),
        ),
        trabeculae(rng),
        bow=rng.uniform(6, 12),
    )
    return View(
        radius, (ulna,), ((-450, -150, 260), (0, -115, 225), (450, -90, 190)), zoom=1.3, side="R"
    )
