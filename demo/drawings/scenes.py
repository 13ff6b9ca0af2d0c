"""One fracture for each class, on the bones that it is drawn on."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from demo.drawings import anatomy, fractures, joints
from demo.drawings.anatomy import View
from demo.drawings.fractures import Break, Move, Moved

Rng = np.random.Generator
Scene = tuple[View, Break]

_VIEWS: dict[str, Callable[[Rng], View]] = {
    "ANKLE": joints.ankle,
    "FEMUR": anatomy.thigh,
    "FOREARM": anatomy.forearm,
    "HUMERUS": anatomy.upper_arm,
    "LEG": anatomy.lower_leg,
    "SHOULDER": joints.shoulder,
    "WRIST": joints.wrist,
}


def _oblique(rng: Rng, view: View) -> Scene:
    sign = rng.choice([-1, 1])
    move = Move(sign * rng.uniform(12, 20), rng.uniform(3, 9), sign * rng.uniform(2, 5))
    slope = sign * rng.uniform(0.9, 1.3)
    return view, fractures.across(rng, rng.uniform(-60, 80), slope, move)


def _spiral(rng: Rng, view: View) -> Scene:
    move = Move(rng.uniform(5, 9), rng.uniform(5, 9), rng.uniform(-2.5, 2.5))
    return view, fractures.spiral(rng, rng.uniform(-20, 60), 43, move)


def _comminuted(rng: Rng, view: View) -> Scene:
    return view, fractures.comminuted(rng, rng.uniform(-50, 60), 52)


def _fracture_dislocation(rng: Rng, view: View) -> Scene:
    """The head lies below the socket, and the greater tubercle stayed behind."""
    chip = fractures.avulsion(rng, (-84, -110), 46, Move(-34, -16, -14, (-84, -110)))
    away = Move(rng.uniform(52, 72), rng.uniform(96, 124), rng.uniform(-12, -6), (0, -100))
    gone = fractures.in_parts([(lambda x, y: np.ones_like(x), away)])
    return view, lambda density: gone(chip(density))


def _greenstick(rng: Rng, view: View) -> Scene:
    at, side = rng.uniform(-40, 90), int(rng.choice([-1, 1]))
    return view, fractures.greenstick(rng, at, 29, side)


def _hairline(rng: Rng, view: View) -> Scene:
    return view, fractures.hairline(rng, rng.uniform(-60, 100), 43)


def _impacted(rng: Rng, view: View) -> Scene:
    """The hand moves with the end of the radius. The ulna, the first of the other bones, stays."""
    move = Move(rng.uniform(-12, -6), -rng.uniform(19, 26), rng.uniform(4, 8), (0, -20))
    ulna, *hand = view.others
    moved = replace(view, others=(ulna, *(Moved(bone, move) for bone in hand)))
    return moved, fractures.across(rng, -30, rng.uniform(-0.2, 0.15), move, jag=6)


def _longitudinal(rng: Rng, view: View) -> Scene:
    top = rng.uniform(-260, -200)
    return view, fractures.longitudinal(rng, top, top + 470, 43)


def _avulsion(rng: Rng, view: View) -> Scene:
    pull = Move(rng.uniform(2, 10), rng.uniform(14, 22), rng.uniform(-18, 18), (136, 186))
    return view, fractures.avulsion(rng, (137, 188), rng.uniform(22, 28), pull)


def _pathological(rng: Rng, view: View) -> Scene:
    """A crack through a hole: the bone was diseased before the fracture."""
    at = rng.uniform(-90, 40)
    hole = fractures.lytic(rng, (rng.uniform(-8, 8), at), 44, rng.uniform(84, 110))
    move = Move(rng.uniform(-7, 7), -3, rng.uniform(-6, 6), (0, at))
    crack = fractures.across(rng, at + rng.uniform(-15, 15), rng.uniform(-0.3, 0.3), move, jag=6)
    return view, lambda density: crack(hole(density))


def _intact(rng: Rng, view: View) -> Scene:
    return view, lambda density: density


_SHAFTS = ("LEG", "HUMERUS")  # of like width, so that the same break fits
_BREAKS: dict[str, tuple[Callable[[Rng, View], Scene], tuple[str, ...]]] = {
    "avulsion": (_avulsion, ("ANKLE",)),
    "comminuted": (_comminuted, ("FEMUR",)),
    "fracture_dislocation": (_fracture_dislocation, ("SHOULDER",)),
    "greenstick": (_greenstick, ("FOREARM",)),
    "hairline": (_hairline, _SHAFTS),
    "impacted": (_impacted, ("WRIST",)),
    "intact": (_intact, tuple(_VIEWS)),
    "longitudinal": (_longitudinal, _SHAFTS),
    "oblique": (_oblique, _SHAFTS),
    "pathological": (_pathological, ("HUMERUS",)),
    "spiral": (_spiral, _SHAFTS),
}
LABELS = tuple(_BREAKS)


def scene(label: str, rng: Rng, body_part: str | None) -> Scene:
    """The view and the break of a class, on ``body_part`` if the class is drawn there."""
    breaks, parts = _BREAKS[label]
    part = body_part if body_part in parts else parts[int(rng.integers(len(parts)))]
    return breaks(rng, _VIEWS[part](rng))
