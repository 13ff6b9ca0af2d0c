"""Drawn collections in the shape of FracAtlas and of ``boxes``: a bar, and where it is broken a dark gap."""

import csv
import hashlib
from pathlib import Path

import numpy as np
from PIL import Image

SIDES = (96, 72)  # height, width
_FRACATLAS = (
    *("path", "fractured", "block", "twin_group"),
    *("hand", "leg", "hip", "shoulder", "hardware", "frontal", "lateral", "oblique", "sha256"),
)
_BOXES = ("path", "x_center", "y_center", "width", "height")


def draw_fracatlas(folder: Path, pictures: int = 24, seed: int = 1) -> Path:
    """Every other picture is broken; four to a block."""
    rng = np.random.default_rng(seed)
    rows, boxes = [], []
    for number in range(pictures):
        broken = number % 2
        path = Path("Fractured" if broken else "Non_fractured", f"IMG{number:07d}.png")
        box = _draw(folder / path, bool(broken), rng)
        part = number // 2 % 4
        marks = [int(part == index) for index in range(4)]
        views = [int(number % 3 == index) for index in range(3)]
        digest = _hash(folder / path)
        rows.append([path, broken, number // 4, number, *marks, 0, *views, digest])
        if broken:
            boxes.append([path, *box])
    _write(folder / "manifest.csv", _FRACATLAS, rows)
    _write(folder / "boxes.csv", _BOXES, boxes)
    return folder


def draw_boxes(folder: Path, pictures: int = 8, seed: int = 2) -> Path:
    """All are broken; two to a group. The last has no box."""
    rng = np.random.default_rng(seed)
    rows, boxes = [], []
    for number in range(pictures):
        path = Path("images", f"{number}.png")
        box = _draw(folder / path, True, rng)
        rows.append([path, f"g{number // 2}", _hash(folder / path)])
        if number < pictures - 1:
            boxes.append([path, *box])
    _write(folder / "manifest.csv", ("path", "group_id", "sha256"), rows)
    _write(folder / "boxes.csv", _BOXES, boxes)
    return folder


def _draw(path: Path, broken: bool, rng: np.random.Generator) -> tuple[float, ...]:
    """Writes the picture. Returns centre, width and height of the gap's box."""
    height, width = SIDES
    y, x = np.mgrid[:height, :width]
    middle, row = rng.uniform(0.4, 0.6) * width, rng.uniform(0.3, 0.7) * height
    grey = 30 + 170 * (np.abs(x - middle) < 9) + rng.normal(0, 6, SIDES)
    if broken:
        grey[(np.abs(y - row) < 4) & (np.abs(x - middle) < 9)] = 40
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(grey.clip(0, 255).astype(np.uint8)).save(path)
    return middle / width, row / height, 20 / width, 12 / height


def _write(path: Path, columns: tuple[str, ...], rows: list[list[object]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
