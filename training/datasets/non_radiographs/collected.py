"""Real pictures: photographs that come with two libraries, and the contents of the user's folders."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np
from PIL import Image

from classifier.assessability import KINDS
from classifier.indications import Subject
from classifier.radiograph import RefusedFile, read_radiograph

_PHOTOGRAPHS = {
    "skimage.data": (
        *("astronaut.png", "brick.png", "camera.png", "cell.png", "chelsea.png", "coffee.png"),
        *("coins.png", "color.png", "grass.png", "gravel.png", "horse.png", "ihc.png"),
        *("hubble_deep_field.jpg", "logo.png", "moon.png", "motorcycle_left.png", "retina.jpg"),
        *("rocket.jpg", "clock_motion.png", "page.png", "text.png"),
    ),
    "sklearn.datasets.images": ("china.jpg", "flower.jpg"),
}


def photographs() -> Iterator[tuple[np.ndarray, str]]:
    """Yields (H, W) uint8 and the file's stem: public-domain and CC pictures in pip packages."""
    for package, names in _PHOTOGRAPHS.items():
        for name in names:
            with (files(package) / name).open("rb") as file:
                yield np.asarray(Image.open(file).convert("RGB").convert("L")), Path(name).stem


def collected_pictures(folder: Path) -> Iterator[tuple[np.ndarray, str, str]]:
    """Yields (pixels, kind, source) of the files below a folder; unreadable files are left out."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        try:
            found = read_radiograph(path.read_bytes(), path.name, any_modality=True)
        except (RefusedFile, OSError):
            continue
        by_folder = path.parent.name if path.parent.name in KINDS[1:] else None
        kind = by_folder or _kind_by_header(found.subject)
        if kind in KINDS:
            eight = found.pixels.astype(np.float32) * 255 / np.iinfo(found.pixels.dtype).max
            low, high = np.percentile(eight, (0.5, 99.5))
            grey = ((eight - low) * 255 / max(high - low, 1)).clip(0, 255).astype(np.uint8)
            yield grey, kind, path.stem


def _kind_by_header(subject: Subject) -> str | None:
    """The kind by a DICOM header; None if the header has none."""
    if subject.modality in ("CT", "MR", "PT"):
        return "slice"
    return "chest" if subject.body_part == "chest" else None
