"""Drawn pictures that show nothing: blanks, gradients, and noise of several grains."""

from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

Draw = Callable[[int, int, np.random.Generator], np.ndarray]


def noise(rng: np.random.Generator, count: int) -> Iterator[tuple[np.ndarray, str]]:
    """Yields (H, W) uint8 and the sort; ``count`` of each sort."""
    for name, draw in _SORTS.items():
        for _ in range(count):
            height, width = (int(side) for side in rng.integers(200, 600, 2))
            grey = draw(height, width, rng)
            yield grey.clip(0, 255).astype(np.uint8), f"drawn-{name}"


def _blank(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(0, 255) + rng.normal(0, rng.uniform(0, 2), (height, width))


def _gradient(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    down, across = rng.uniform(-200, 200, 2)
    return np.add.outer(np.linspace(0, down, height), np.linspace(0, across, width)) + 128


def _white(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    return rng.normal(128, rng.uniform(10, 80), (height, width))


def _clouds(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    small = Image.fromarray(rng.uniform(0, 255, (height // 8, width // 8)).astype(np.uint8))
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC), np.float64)


def _power_law(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Noise whose power falls with frequency, as in natural pictures."""
    squared = np.fft.fftfreq(height)[:, None] ** 2 + np.fft.fftfreq(width)[None] ** 2
    squared[0, 0] = 1
    spectrum = np.fft.fft2(rng.normal(size=(height, width))) / squared ** rng.uniform(0.3, 0.9)
    field = np.fft.ifft2(spectrum).real
    return (field - field.mean()) / field.std() * 50 + 128


def _stripes(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[:height, :width]
    angle, period = rng.uniform(0, np.pi), rng.uniform(4, 60)
    return 128 + 110 * np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / period)


_SORTS: dict[str, Draw] = {
    "blank": _blank,
    "gradient": _gradient,
    "white-noise": _white,
    "clouds": _clouds,
    "power-law-noise": _power_law,
    "stripes": _stripes,
}
