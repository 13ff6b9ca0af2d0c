"""One augmented view of a radiograph with its boxes: turned, scaled, re-exposed, marked, partly hidden."""

from importlib import import_module
from typing import NamedTuple

import numpy as np
import torch

from classifier.torchvision_shim import import_torchvision
from training.fitting.augment import recompressed
from training.fitting.detection.overlays import with_frame, with_marker, with_rim

import_torchvision()
v2 = import_module("torchvision.transforms.v2")
tv_tensors = import_module("torchvision.tv_tensors")

_KEPT = 0.5  # share of a box's area that must still be in the view; else the view loses the box


class View(NamedTuple):
    """``pixels`` (S, S) float32 of 0..1. ``corners`` (n, 4): left, top, right, bottom of each box, in pixels.

    ``known``: the view still shows what the picture's label says. It is False for a fractured picture that
    has lost all its boxes: the rest may be healthy bone.
    """

    pixels: np.ndarray
    corners: np.ndarray
    known: bool


def augmented(
    pixels: np.ndarray, corners: np.ndarray, rng: np.random.Generator, hide: bool = True
) -> View:
    """One view of a picture: (S, S) uint8 ``pixels`` and the (n, 4) ``corners`` of its boxes.

    Equal states of ``rng`` give equal views. ``hide``: a part may be hidden. Don't hide parts of a fractured
    picture without boxes: the part could hold the fracture.
    """
    (jpeg,) = recompressed(pixels[None], rng)
    image = torch.from_numpy(jpeg.astype(np.float32) / 255)[None]
    image, moved = _moved(image, corners, rng)
    inside = moved.clip(0, len(pixels))
    kept = _area(inside) > _KEPT * _area(moved)
    shown = _exposed(image[0].clamp(0, 1).numpy(), rng)
    shown = _marked(shown, rng)
    if hide:
        shown = _occluded(shown, inside[kept], rng)
    return View(_noisy(shown, rng), inside[kept], not len(corners) or bool(kept.any()))


def _moved(
    image: torch.Tensor, corners: np.ndarray, rng: np.random.Generator
) -> tuple[torch.Tensor, np.ndarray]:
    """Mirrors, turns, scales and shears; now and then by quarter turns, as in the collections."""
    side = image.shape[-1]
    boxes = tv_tensors.BoundingBoxes(
        torch.from_numpy(corners),
        format="XYXY",
        canvas_size=(side, side),
        clamping_mode=None,  # keeps the boxes whole: how much of each leaves the view is computed below
    )
    with torch.random.fork_rng():  # the transforms draw from torch's global random state
        torch.manual_seed(int(rng.integers(1 << 31)))
        moved, boxes = _transforms(quarter=rng.random() < 0.25)(image, boxes)
    return moved, boxes.as_subclass(torch.Tensor).numpy()


def _transforms(quarter: bool) -> torch.nn.Module:
    turns = [v2.RandomChoice([_quarter(turn) for turn in (90, 180, 270)])] if quarter else []
    found: torch.nn.Module = v2.Compose(
        [
            *turns,
            v2.RandomHorizontalFlip(0.5),
            v2.RandomVerticalFlip(0.1),
            v2.RandomAffine(
                degrees=20,
                translate=(0.1, 0.1),
                scale=(0.7, 1.5),
                shear=5,
                interpolation=v2.InterpolationMode.BILINEAR,
            ),
        ]
    )
    return found


def _quarter(turn: int) -> torch.nn.Module:
    found: torch.nn.Module = v2.RandomRotation((turn, turn))
    return found


def _exposed(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Changes gamma, contrast and brightness; one view in twenty-five is a negative."""
    contrast, brightness = rng.uniform(0.75, 1.25), rng.uniform(-0.1, 0.1)
    lit = (pixels ** rng.uniform(0.7, 1.4) - 0.5) * contrast + 0.5 + brightness
    shown = lit.clip(0, 1).astype(np.float32)
    return 1 - shown if rng.random() < 0.04 else shown


def _marked(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws markers, frames or a cast's veil on a third of the views; none of them says anything of a
    fracture.
    """
    if rng.random() >= 0.3:
        return pixels
    change = (with_marker, with_frame, with_rim)[rng.choice(3, p=(0.5, 0.2, 0.3))]
    return change(pixels, rng)


def _occluded(pixels: np.ndarray, corners: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Hides a rectangle in two of five views, but not the centre of a box."""
    if rng.random() >= 0.4:
        return pixels
    side, out = len(pixels), pixels.copy()
    middle = (corners[:, :2] + corners[:, 2:]) / 2
    for _ in range(5):  # tries: if there are boxes everywhere, nothing is hidden
        height, width = (rng.uniform(0.06, 0.3, 2) * side).astype(int)
        top, left = int(rng.integers(0, side - height)), int(rng.integers(0, side - width))
        low, high = (
            np.array([left, top]) - side / 25,
            np.array([left + width, top + height]) + side / 25,
        )
        if not ((middle > low) & (middle < high)).all(1).any():
            out[top : top + height, left : left + width] = rng.random()
            break
    return out


def _noisy(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Adds film grain, and blurs one view in five a little."""
    image = torch.from_numpy(pixels)[None]
    if rng.random() < 0.2:
        image = v2.functional.gaussian_blur(image, [5, 5], [float(rng.uniform(0.5, 1.5))])
    grain = rng.normal(0, rng.uniform(0, 0.03), pixels.shape).astype(np.float32)
    return (image[0].numpy() + grain).clip(0, 1)


def _area(corners: np.ndarray) -> np.ndarray:
    found: np.ndarray = (corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])
    return found
