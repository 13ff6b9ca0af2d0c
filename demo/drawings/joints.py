"""Positions of bones and soft tissue in the projections of a joint, drawn by eye like ``anatomy``."""

import numpy as np

from demo.drawings.anatomy import RANGE, View
from demo.drawings.bones import Blob, Field, Shaft, trabeculae


def wrist(rng: np.random.Generator) -> View:
    """Ends of radius and ulna, carpus, and the bases of the metacarpals, PA."""
    grain = trabeculae(rng)
    radius = Shaft(
        (
            (-RANGE, -36, 36, 11, 0.4),
            (-200, -38, 40, 10, 0.5),
            (-60, -58, 58, 6, 0.8),
            (40, -84, 74, 4, 1.0),
            (78, -92, 62, 4, 1.1),
            (98, -92, -38, 4, 1.1),
            (109, -78, -66, 4, 1.1),
        ),
        grain,
    )
    ulna = Shaft(
        (
            (-RANGE, 112, 158, 10, 0.4),
            (-100, 108, 152, 8, 0.5),
            (30, 100, 158, 4, 0.9),
            (58, 102, 160, 4, 1.0),
            (74, 138, 160, 3, 1.0),
            (84, 148, 158, 3, 1.0),
        ),
        trabeculae(rng),
    )
    carpals = (
        (-52, 140, 39, 1.0),
        (14, 124, 34, 0.95),
        (72, 130, 31, 1.05),
        (96, 158, 22, 1.0),
        (-88, 200, 33, 0.95),
        (-36, 202, 29, 1.05),
        (20, 190, 36, 1.35),
        (78, 202, 34, 1.15),
    )
    blobs = tuple(_short_bone(rng, grain, *carpal) for carpal in carpals)
    shafts = []
    for middle, start in ((-118, 236), (-58, 240), (0, 248), (50, 250), (98, 242)):
        lean = middle * 0.5
        shafts.append(
            Shaft(
                (
                    (start, middle - 10, middle + 10, 3, 0.9),
                    (start + 8, middle - 24, middle + 22, 3, 0.9),
                    (start + 50, middle - 20 + lean * 0.2, middle + 18 + lean * 0.2, 5, 0.5),
                    (start + 400, middle - 20 + lean, middle + 18 + lean, 8, 0.3),
                ),
                grain,
            )
        )
    flesh = ((-450, -115, 245), (0, -135, 215), (200, -185, 195), (450, -245, 225))
    return View(radius, (ulna, *blobs, *shafts), flesh, zoom=1.12, side="R")


def ankle(rng: np.random.Generator) -> View:
    """Ends of tibia and fibula over the talus, mortise view."""
    grain = trabeculae(rng)
    tibia = Shaft(
        (
            (-RANGE, -58, 58, 16, 0.35),
            (-250, -62, 60, 12, 0.5),
            (-90, -86, 74, 6, 0.9),
            (20, -112, 84, 4, 1.0),
            (42, -116, 82, 4, 1.1),
            (52, -116, -66, 4, 1.1),
            (112, -104, -68, 4, 1.0),
            (128, -92, -78, 4, 1.0),
        ),
        grain,
    )
    fibula = Shaft(
        (
            (-RANGE, 108, 152, 11, 0.4),
            (-120, 96, 142, 8, 0.5),
            (40, 92, 152, 5, 0.8),
            (130, 98, 158, 4, 0.9),
            (176, 112, 152, 4, 0.9),
            (192, 128, 142, 4, 0.9),
        ),
        trabeculae(rng),
    )
    talus = Shaft(
        (
            (60, -44, 56, 4, 1.0),
            (68, -58, 78, 4, 1.0),
            (120, -60, 82, 4, 1.0),
            (160, -50, 84, 4, 0.9),
            (205, -34, 60, 3, 0.8),
            (214, -20, 44, 3, 0.8),
        ),
        trabeculae(rng),
    )
    heel = Blob((24, 300), 96, ((2, 0.07, 1.2), (3, 0.05, 0.2)), trabeculae(rng), 1.12, 2.5, 0.6)
    flesh = (
        (-450, -130, 205),
        (-100, -150, 200),
        (120, -175, 225),
        (330, -165, 190),
        (450, -140, 160),
    )
    return View(fibula, (tibia, talus, heel), flesh, zoom=1.18)


def shoulder(rng: np.random.Generator) -> View:
    """Head of the humerus, glenoid, acromion and clavicle, AP."""
    grain = trabeculae(rng)
    humerus = Shaft(
        (
            (-196, -30, 4, 4, 1.0),
            (-186, -58, 34, 4, 1.0),
            (-150, -86, 70, 4, 1.0),
            (-90, -92, 80, 4, 1.0),
            (-20, -76, 66, 5, 0.9),
            (70, -52, 48, 10, 0.5),
            (300, -44, 42, 15, 0.3),
            (RANGE, -44, 44, 15, 0.3),
        ),
        grain,
    )
    glenoid = Blob((178, -108), 62, ((2, 0.10, 2.2), (3, 0.08, 0.3)), grain, tall=1.5, core=0.7)
    scapula = Blob((330, 20), 170, ((2, 0.1, 0.3), (3, 0.16, 1.0)), grain, 1.3, 0.8, 0.14)
    acromion = Blob((40, -262), 74, ((2, 0.22, 3.0), (3, 0.05, 0)), grain, tall=0.42, core=0.8)
    clavicle = Blob((240, -300), 150, ((2, 0.1, 0.2),), grain, tall=0.2, cortex=6, core=0.6)
    flesh = ((-450, 40, 500), (-330, -60, 520), (-200, -170, 540), (0, -200, 540), (120, -190, 420))
    arm = ((260, -180, 200), (450, -170, 170))
    return View(humerus, (glenoid, scapula, acromion, clavicle), (*flesh, *arm), side="R")


def _short_bone(
    rng: np.random.Generator, grain: Field, x: float, y: float, radius: float, tall: float
) -> Blob:
    waves = tuple((order, rng.uniform(0.03, 0.09), rng.uniform(0, 6.3)) for order in (2, 3, 4))
    return Blob((x, y), radius, waves, grain, tall=tall)
