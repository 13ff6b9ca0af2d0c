"""Drawn pictures with enough texture to be told apart, and copies of them as data sets hold."""

from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter


def draw(seed: int, size: tuple[int, int] = (200, 160)) -> np.ndarray:
    """(H, W) uint8: clouds of three grains around a bright shaft, another for each seed."""
    rng = np.random.default_rng(seed)
    clouds = sum(gaussian_filter(rng.normal(0, 60 * grain, size), grain) for grain in (2, 5, 12))
    across = np.linspace(-1, 1, size[1])[None]
    shaft = 90 * np.exp(-((across - rng.uniform(-0.3, 0.3)) ** 2) / 0.08)
    return (70 + shaft + clouds).clip(0, 255).astype(np.uint8)


def write(path: Path, pixels: np.ndarray, quality: int = 85) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, quality=quality)
    return path


def resized(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    return np.asarray(Image.fromarray(pixels).resize((width, height)))


COPIES = {
    "turned": lambda pixels: np.rot90(pixels).copy(),
    "mirrored": lambda pixels: pixels[:, ::-1].copy(),
    "turned and mirrored": lambda pixels: np.rot90(pixels, 3)[:, ::-1].copy(),
    "cropped": lambda pixels: pixels[20:-14, 10:-22].copy(),
    "stretched": lambda pixels: resized(pixels, 200, 200),
    "darker": lambda pixels: (pixels * 0.7).astype(np.uint8),
    "smaller": lambda pixels: resized(pixels, 120, 150),
    "a quarter cut away": lambda pixels: pixels[: int(0.75 * len(pixels))].copy(),
}
