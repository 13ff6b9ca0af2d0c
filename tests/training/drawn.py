"""A drawn data set in the shape of the real one: ten class folders and a manifest that names twins."""

import csv
import hashlib
from pathlib import Path

import numpy as np
from PIL import Image

from classifier.labels import CLASSES

COLUMNS = (
    "path",
    "class",
    "split",
    "sha256",
    "dup_id",
    "group_id",
    "label_conflict",
    "test_leaked",
    "dedup_keep",
)

ELSEWHERE_COLUMNS = (
    *("path", "fractured", "block", "twin_group"),
    *("hand", "leg", "hardware", "sha256"),
)


def folder_name(label: int) -> str:
    """The real folders' spelling: "Spiral Fracture", "Fracture Dislocation"."""
    title = CLASSES[label].replace("_", " ").title()
    return title if title.startswith("Fracture") else f"{title} fracture"


def draw_dataset(folder: Path, groups: int = 2, seed: int = 5) -> Path:
    """``groups`` groups a class, two pictures a group: a bar whose angle tells the class."""
    rng = np.random.default_rng(seed)
    rows = []
    for label in range(len(CLASSES)):
        for number in range(2 * groups):
            path = Path(folder_name(label), "Train", f"{number}.png")
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(_bar(label, rng)).save(folder / path)
            digest, group = _hash(folder / path), f"g{label}-{number // 2}"
            split = "Train" if number < 2 * groups - 1 else "Test"
            rows.append(
                [path, folder_name(label), split, digest, f"{label}-{number}", group, 0, 0, 1]
            )
    write_manifest(folder, rows)
    return folder


def draw_bones(folder: Path, pictures: int = 12, seed: int = 6) -> Path:
    """``fractured`` and ``not-fractured`` bars; a manifest groups them in pairs."""
    rng = np.random.default_rng(seed)
    rows = []
    for name, broken in (("fractured", True), ("not-fractured", False)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(pictures):
            path = Path(name, f"{number}.png")
            bar = _bar(int(rng.integers(10)), rng)
            if broken:
                bar[32:40] = 40
            Image.fromarray(bar).save(folder / path)
            digest, group = _hash(folder / path), f"{name}-{number // 2}"
            rows.append([path, name, "", digest, f"{name}-{number}", group, 0, 0, 1])
    write_manifest(folder, rows)
    return folder


def draw_elsewhere(folder: Path, pictures: int = 12, seed: int = 8) -> Path:
    """Bars of another hospital in the shape of FracAtlas: blocks of four, the last file cut off."""
    rng = np.random.default_rng(seed)
    rows: list[list[object]] = []
    for number in range(pictures):
        broken = number % 2
        path = Path("Fractured" if broken else "Non_fractured", f"IMG{number:07d}.png")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        bar = np.kron(_bar(int(rng.integers(10)), rng), np.ones((2, 2), np.uint8))
        if broken:
            bar[64:80] = 40
        Image.fromarray(bar).save(folder / path)
        if number == pictures - 1:
            (folder / path).write_bytes((folder / path).read_bytes()[:-200])
        parts = [int(number % 3 == 0), int(number % 3 != 0)]
        rows.append([path, broken, number // 4, number, *parts, 0, _hash(folder / path)])
    write_manifest(folder, rows, ELSEWHERE_COLUMNS)
    return folder


def write_manifest(
    folder: Path, rows: list[list[object]], columns: tuple[str, ...] = COLUMNS
) -> None:
    with (folder / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


def _bar(label: int, rng: np.random.Generator) -> np.ndarray:
    """(72, 60) uint8."""
    y, x = np.mgrid[-36:36, -30:30] + rng.integers(-3, 3, (2, 1, 1))
    angle = np.pi * label / len(CLASSES)
    distance = np.abs(x * np.sin(angle) - y * np.cos(angle))
    return (40 + 180 * (distance < 6) + rng.normal(0, 8, x.shape)).clip(0, 255).astype(np.uint8)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
