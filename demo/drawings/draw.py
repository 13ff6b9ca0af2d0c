"""Draws one synthetic radiograph of a class."""

from typing import Literal

import numpy as np
from PIL import Image

from demo.drawings.anatomy import View
from demo.drawings.bones import Field, noise
from demo.drawings.film import collimate, expose, write
from demo.drawings.fractures import Break, Move
from demo.drawings.scenes import LABELS, Rng, scene

_HEIGHT = 900  # units of length that every picture is high


def draw(
    label: str,
    seed: int,
    size: tuple[int, int] = (900, 700),
    side: Literal["L", "R"] | None = None,
    body_part: str | None = None,
) -> Image.Image:
    """A synthetic radiograph of ``label`` (one of LABELS): grey 8 bit, ``size`` (height, width).

    The same arguments give the same pixels. ``side`` is the lead letter on the plate and mirrors
    the limb. ``body_part`` is DICOM's term (LEG, HUMERUS, FEMUR, FOREARM, WRIST, ANKLE, SHOULDER);
    the seed chooses each that is None, and the part too where the class isn't drawn on it.
    SYNTHETIC is burned into a corner. Raises ValueError for another label.
    """
    if label not in LABELS:
        raise ValueError(f"{label!r} can't be drawn. Use one of: {', '.join(LABELS)}.")
    rng = np.random.default_rng([seed, LABELS.index(label)])
    letter = side or str(rng.choice(["L", "R"]))
    view, broken = scene(label, rng, body_part)
    height, width = size
    x, y = _grid(height, width)
    film = expose(_attenuation(view, broken, x, y, rng, letter), rng, height / _HEIGHT)
    film = collimate(film, x, y, rng)
    picture = Image.fromarray((film.clip(0, 1) * 255).round().astype(np.uint8))
    text = max(10, height // 48)
    # The letter lies on the limb's outer side, as radiographers put it.
    write(picture, letter, (0.90 if letter == "L" else 0.10, 0.09), round(text * 2.4), 235)
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
    """The whole limb, a little turned on the plate; the other side is the mirror image."""
    place = Move(rng.uniform(-18, 18), rng.uniform(-12, 12), rng.uniform(-4, 4))
    limb_x, limb_y = place.back((x if letter == view.side else -x) / view.zoom, y / view.zoom)
    flesh = view.flesh_attenuation(limb_x, limb_y, _slow(rng, x.shape))
    bones = [broken(view.main.attenuation)(limb_x, limb_y)]
    bones += [bone.attenuation(limb_x, limb_y) for bone in view.others]
    return flesh + np.sum(bones, axis=0)


def _slow(rng: Rng, shape: tuple[int, int]) -> Field:
    """Slow waves over the whole picture: muscle bellies and fat between them."""
    side = max(shape)
    return noise(rng, side, side / 18, side / 7)[: shape[0], : shape[1]]
