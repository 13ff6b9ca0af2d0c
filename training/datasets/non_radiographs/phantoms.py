"""Drawn chest films and CT or MR slices, because no free real ones come by pip.

They are crude on purpose: two dark lungs beside a bright middle, or a body's outline on black with organs
inside. They have only a part of the variety of real pictures, and the model card says so.
"""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageFilter


def chests(rng: np.random.Generator, count: int) -> Iterator[tuple[np.ndarray, str]]:
    """Yields (H, W) uint8 frontal chests of three builds; 3 * ``count`` of each build."""
    for build in ("slim", "broad", "tall"):
        for _ in range(3 * count):
            yield _finished(_chest(build, rng), rng), "drawn-chest"


def slices(rng: np.random.Generator, count: int) -> Iterator[tuple[np.ndarray, str]]:
    """Yields (H, W) uint8 slices: a trunk and a limb as in CT, a head and a joint as in MR."""
    for name, draw in (("trunk", _trunk), ("limb", _limb), ("head", _head), ("joint", _joint)):
        for _ in range(3 * count):
            yield _finished(draw(rng), rng), f"drawn-{name}"


class _Canvas:
    """(size, size) grey values of 0..1; coordinates of -1..1, y downwards."""

    def __init__(self, size: int = 320) -> None:
        axis = np.linspace(-1, 1, size)
        self.y, self.x = np.meshgrid(axis, axis, indexing="ij")
        self.grey = np.zeros((size, size))

    def ellipse(self, x: float, y: float, rx: float, ry: float, turn: float = 0) -> np.ndarray:
        """Where it covers, bool."""
        dx, dy = self.x - x, self.y - y
        u = dx * np.cos(turn) + dy * np.sin(turn)
        v = dy * np.cos(turn) - dx * np.sin(turn)
        covered: np.ndarray = (u / rx) ** 2 + (v / ry) ** 2 < 1
        return covered


def _chest(build: str, rng: np.random.Generator) -> np.ndarray:
    width = {"slim": 0.72, "broad": 0.95, "tall": 0.8}[build] * rng.uniform(0.95, 1.05)
    height = {"slim": 1.0, "broad": 0.9, "tall": 1.15}[build]
    c = _Canvas()
    c.grey[c.ellipse(0, 0.25, width, height * 1.05)] = 0.55
    c.grey[c.ellipse(0, -0.95, 0.3, 0.4)] = 0.6
    lungs = np.zeros_like(c.grey, bool)
    for side in (-1, 1):
        lungs |= c.ellipse(side * 0.45 * width, -0.05, 0.36 * width, 0.72 * height, side * 0.08)
    lungs &= c.y < 0.42 + 0.1 * np.cos(c.x * 6)  # the diaphragm
    c.grey[lungs] = rng.uniform(0.1, 0.25)
    c.grey[c.ellipse(0.12, 0.28, 0.3 * width, 0.3)] = rng.uniform(0.62, 0.75)  # the heart
    c.grey[np.abs(c.x) < 0.1] = np.maximum(c.grey, 0.68)[np.abs(c.x) < 0.1]
    spacing = rng.uniform(0.15, 0.2)
    rib = np.abs(((c.y + 0.45 * np.abs(c.x) ** 1.5) / spacing) % 1 - 0.5) < 0.13
    c.grey += np.where(
        rib & c.ellipse(0, 0, width * 0.92, height * 0.85), rng.uniform(0.06, 0.14), 0
    )
    collar = np.abs(c.y + 0.68 + 0.12 * np.abs(c.x)) < 0.03
    c.grey += np.where(collar & (np.abs(c.x) < 0.7 * width), 0.15, 0)
    return c.grey


def _trunk(rng: np.random.Generator) -> np.ndarray:
    c, wide = _Canvas(), rng.uniform(0.75, 0.95)
    c.grey[c.ellipse(0, 0, wide, wide * 0.7)] = 0.3
    c.grey[c.ellipse(0, 0, wide * 0.88, wide * 0.6)] = 0.5
    for _ in range(int(rng.integers(3, 8))):
        x, y, rx, ry = rng.uniform((-0.5, -0.35, 0.08, 0.08), (0.5, 0.3, 0.3, 0.22))
        c.grey[c.ellipse(x, y, rx, ry, rng.uniform(0, 3))] = rng.uniform(0.05, 0.7)
    c.grey[c.ellipse(0, 0.4 * wide, 0.14, 0.12)] = 0.95
    c.grey[c.ellipse(0, 0.5 * wide, 0.05, 0.05)] = 0.45
    return c.grey


def _limb(rng: np.random.Generator) -> np.ndarray:
    c = _Canvas()
    radius = rng.uniform(0.5, 0.85)
    c.grey[c.ellipse(0, 0, radius, radius * rng.uniform(0.8, 1))] = 0.25
    c.grey[c.ellipse(0, 0, radius * 0.85, radius * 0.75)] = 0.5
    for _ in range(int(rng.integers(1, 3))):
        x, y = rng.uniform(-0.3, 0.3, 2) * radius
        bone = rng.uniform(0.12, 0.28)
        c.grey[c.ellipse(x, y, bone, bone * 0.9)] = 1.0
        c.grey[c.ellipse(x, y, bone * 0.6, bone * 0.5)] = 0.4
    return c.grey


def _head(rng: np.random.Generator) -> np.ndarray:
    c, wide = _Canvas(), rng.uniform(0.6, 0.75)
    c.grey[c.ellipse(0, 0, wide, 0.9)] = 0.75
    c.grey[c.ellipse(0, 0, wide * 0.92, 0.83)] = 0.08
    c.grey[c.ellipse(0, 0, wide * 0.86, 0.77)] = 0.5
    folds = np.sin(c.x * rng.uniform(18, 30) + 3 * np.sin(c.y * 9)) * np.sin(c.y * 20)
    c.grey += np.where(c.ellipse(0, 0, wide * 0.85, 0.76), 0.12 * folds, 0)
    for side in (-1, 1):
        c.grey[c.ellipse(side * 0.12, -0.02, 0.07, 0.22, side * 0.3)] = rng.uniform(0.05, 0.9)
    return c.grey


def _joint(rng: np.random.Generator) -> np.ndarray:
    c, gap = _Canvas(), rng.uniform(-0.1, 0.1)
    c.grey[np.abs(c.x) < 0.8] = 0.3
    for top, bottom in ((-1.2, gap - 0.05), (gap + 0.05, 1.2)):
        middle, half = (top + bottom) / 2, (bottom - top) / 2
        c.grey[c.ellipse(0, middle, 0.5, half)] = 0.08
        c.grey[c.ellipse(0, middle, 0.46, half * 0.95)] = rng.uniform(0.6, 0.9)
    c.grey[c.ellipse(-0.62, gap, 0.12, 0.35)] = 0.7
    return c.grey


def _finished(grey: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The drawing softened, with grain, another exposure, a small rotation and a crop."""
    picture = Image.fromarray((grey.clip(0, 1) * 255).astype(np.uint8))
    picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.6, 2.5)))
    picture = picture.rotate(rng.uniform(-6, 6), resample=Image.Resampling.BILINEAR)
    edge = (rng.uniform(0, 0.12, 4) * 320).astype(int)
    picture = picture.crop((edge[0], edge[1], 320 - edge[2], 320 - edge[3]))
    values = (np.asarray(picture, np.float64) / 255) ** rng.uniform(0.7, 1.4) * 255
    return (values + rng.normal(0, rng.uniform(2, 9), values.shape)).clip(0, 255).astype(np.uint8)
