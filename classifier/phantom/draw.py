"""Draws one synthetic radiograph of a class."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
from PIL import Image

from classifier.phantom import anatomy, fractures, joints
from classifier.phantom.anatomy import View
from classifier.phantom.bones import Field, noise
from classifier.phantom.film import collimate, expose, write
from classifier.phantom.fractures import Break, Move, Moved

Rng = np.random.Generator
_HEIGHT = 900  # units of length that every picture is high


def _oblique(rng: Rng) -> tuple[View, Break]:
    sign = rng.choice([-1, 1])
    move = Move(sign * rng.uniform(12, 20), rng.uniform(3, 9), sign * rng.uniform(2, 5))
    at = rng.uniform(-60, 80)
    return anatomy.lower_leg(rng), fractures.across(rng, at, sign * rng.uniform(0.9, 1.3), move)


def _spiral(rng: Rng) -> tuple[View, Break]:
    view = rng.choice([anatomy.lower_leg, anatomy.upper_arm])(rng)
    move = Move(rng.uniform(5, 9), rng.uniform(5, 9), rng.uniform(-2.5, 2.5))
    return view, fractures.spiral(rng, rng.uniform(-20, 60), 43, move)


def _comminuted(rng: Rng) -> tuple[View, Break]:
    return anatomy.thigh(rng), fractures.comminuted(rng, rng.uniform(-50, 60), 52)


def _fracture_dislocation(rng: Rng) -> tuple[View, Break]:
    chip = fractures.avulsion(rng, (-84, -110), 46, Move(-34, -16, -14, (-84, -110)))
    away = Move(rng.uniform(52, 72), rng.uniform(96, 124), rng.uniform(-12, -6), (0, -100))
    gone = fractures.in_parts([(lambda x, y: np.ones_like(x), away)])
    return joints.shoulder(rng), lambda density: gone(chip(density))


def _greenstick(rng: Rng) -> tuple[View, Break]:
    at, side = rng.uniform(-40, 90), int(rng.choice([-1, 1]))
    return anatomy.forearm(rng), fractures.greenstick(rng, at, 29, side)


def _hairline(rng: Rng) -> tuple[View, Break]:
    return anatomy.lower_leg(rng), fractures.hairline(rng, rng.uniform(-60, 100), 43)


def _impacted(rng: Rng) -> tuple[View, Break]:
    move = Move(rng.uniform(-12, -6), -rng.uniform(19, 26), rng.uniform(4, 8), (0, -20))
    view = joints.wrist(rng)
    ulna, *hand = view.others
    view = replace(view, others=(ulna, *(Moved(bone, move) for bone in hand)))
    return view, fractures.across(rng, -30, rng.uniform(-0.2, 0.15), move, jag=6)


def _longitudinal(rng: Rng) -> tuple[View, Break]:
    top = rng.uniform(-260, -200)
    return anatomy.lower_leg(rng), fractures.longitudinal(rng, top, top + 470, 43)


def _avulsion(rng: Rng) -> tuple[View, Break]:
    pull = Move(rng.uniform(2, 10), rng.uniform(14, 22), rng.uniform(-18, 18), (136, 186))
    return joints.ankle(rng), fractures.avulsion(rng, (137, 188), rng.uniform(22, 28), pull)


def _pathological(rng: Rng) -> tuple[View, Break]:
    at = rng.uniform(-90, 40)
    hole = fractures.lytic(rng, (rng.uniform(-8, 8), at), 44, rng.uniform(84, 110))
    move = Move(rng.uniform(-7, 7), -3, rng.uniform(-6, 6), (0, at))
    crack = fractures.across(rng, at + rng.uniform(-15, 15), rng.uniform(-0.3, 0.3), move, jag=6)
    return anatomy.upper_arm(rng), lambda density: crack(hole(density))


def _intact(rng: Rng) -> tuple[View, Break]:
    views = (anatomy.forearm, joints.wrist, anatomy.lower_leg, joints.ankle, anatomy.thigh)
    return rng.choice(views)(rng), lambda density: density


_DRAWN: dict[str, Callable[[Rng], tuple[View, Break]]] = {
    "avulsion": _avulsion,
    "comminuted": _comminuted,
    "fracture_dislocation": _fracture_dislocation,
    "greenstick": _greenstick,
    "hairline": _hairline,
    "impacted": _impacted,
    "intact": _intact,
    "longitudinal": _longitudinal,
    "oblique": _oblique,
    "pathological": _pathological,
    "spiral": _spiral,
}
LABELS = tuple(_DRAWN)


def draw(
    label: str,
    seed: int,
    size: tuple[int, int] = (900, 700),
    side: Literal["L", "R"] | None = None,
) -> Image.Image:
    """A synthetic radiograph of ``label`` (one of LABELS): grey 8 bit, ``size`` (height, width).

    The same arguments give the same pixels. ``side`` is the lead letter on the plate (by default
    the seed chooses) and mirrors the limb. SYNTHETIC is burned into a corner. Raises KeyError for
    another label.
    """
    scene = _DRAWN[label]
    rng = np.random.default_rng([seed, LABELS.index(label)])
    letter = side or str(rng.choice(["L", "R"]))
    view, broken = scene(rng)
    height, width = size
    x, y = _grid(height, width)
    film = expose(_attenuation(view, broken, x, y, rng, letter), rng, height / _HEIGHT)
    film = collimate(film, x, y, rng)
    picture = Image.fromarray((film.clip(0, 1) * 255).round().astype(np.uint8))
    text = max(10, height // 48)
    write(picture, letter, (0.10 if letter == "L" else 0.90, 0.09), round(text * 2.4), 235)
    write(picture, "SYNTHETIC", (0.15, 0.955), text, 175, plate=0)
    return picture


def _grid(height: int, width: int) -> tuple[Field, Field]:
    """x and y of each pixel's centre, in units."""
    unit = _HEIGHT / height
    rows = (np.arange(height, dtype=np.float32) - height / 2 + 0.5) * unit
    columns = (np.arange(width, dtype=np.float32) - width / 2 + 0.5) * unit
    x, y = np.meshgrid(columns, rows)
    return x, y


def _attenuation(view: View, broken: Break, x: Field, y: Field, rng: Rng, letter: str) -> Field:
    """The whole limb, a little turned on the plate; a right one is a left one's mirror image."""
    place = Move(rng.uniform(-18, 18), rng.uniform(-12, 12), rng.uniform(-4, 4))
    limb_x, limb_y = place.back((-x if letter == "R" else x) / view.zoom, y / view.zoom)
    flesh = view.flesh_attenuation(limb_x, limb_y, _slow(rng, x.shape))
    bones = [broken(view.main.attenuation)(limb_x, limb_y)]
    bones += [bone.attenuation(limb_x, limb_y) for bone in view.others]
    return flesh + np.sum(bones, axis=0)


def _slow(rng: Rng, shape: tuple[int, int]) -> Field:
    """Slow waves over the whole picture: muscle bellies and fat between them."""
    side = max(shape)
    return noise(rng, side, side / 18, side / 7)[: shape[0], : shape[1]]
