"""The detector's pictures in one small file, for a machine that has nothing but what it is given."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError, safe_open

from classifier.preprocess import placement
from training.datasets.detector_pictures import Picture, Pictures
from training.errors import TrainingError
from training.storage.atomic import save_tensors

_QUALITY = 74  # of WebP: 4,300 pictures of 512 pixels take some 23 MiB, 43 dB from the stored ones
_THREADS = 16


def write_packed(pictures: Pictures, path: Path) -> None:
    """Lossy: fit to learn from, with views that are recompressed anyway. Scores are of the originals."""
    with ThreadPoolExecutor(_THREADS) as pool:
        files = list(pool.map(lambda row: _packed(pictures, row), range(len(pictures))))
    stored = {
        "size": pictures.pixels.shape[-1],
        "rows": [{**asdict(row), "path": row.path.name} for row in pictures.rows],
    }
    tensors = {
        "files": torch.frombuffer(bytearray(b"".join(files)), dtype=torch.uint8),
        "ends": torch.tensor([len(file) for file in files]).cumsum(0),
    }
    save_tensors(path, tensors, {"pictures": json.dumps(stored)})


def read_packed(path: Path) -> Pictures:
    """Raises TrainingError if it is missing or has another format."""
    try:
        with safe_open(path, "pt") as file:
            stored = json.loads((file.metadata() or {})["pictures"])
            data, ends = file.get_tensor("files").numpy(), file.get_tensor("ends").tolist()
    except (OSError, SafetensorError, KeyError, ValueError):
        raise TrainingError(f"{path} holds no packed pictures.") from None
    rows = [_row(row) for row in stored["rows"]]
    starts = [0, *ends[:-1]]

    def unpacked(index: int) -> np.ndarray:
        return _letterboxed(
            data[starts[index] : ends[index]].tobytes(), rows[index], stored["size"]
        )

    with ThreadPoolExecutor(_THREADS) as pool:
        pixels = np.stack(list(pool.map(unpacked, range(len(rows)))))
    return Pictures(rows, pixels)


def _row(stored: dict[str, Any]) -> Picture:
    boxes = tuple(tuple(box) for box in stored["boxes"])
    more = {"path": Path(stored["path"]), "boxes": boxes, "size": tuple(stored["size"])}
    return Picture(**{**stored, **more})


def _packed(pictures: Pictures, index: int) -> bytes:
    """Without the bars of its letterbox."""
    width, height = pictures.rows[index].size
    place = placement(height, width, pictures.pixels.shape[-1])
    content = pictures.pixels[index][
        place.top : place.top + place.height, place.left : place.left + place.width
    ]
    file = BytesIO()
    Image.fromarray(content).save(file, "WEBP", quality=_QUALITY)
    return file.getvalue()


def _letterboxed(file: bytes, row: Picture, size: int) -> np.ndarray:
    place = placement(row.size[1], row.size[0], size)
    square = np.zeros((size, size), np.uint8)
    square[place.top : place.top + place.height, place.left : place.left + place.width] = (
        np.asarray(Image.open(BytesIO(file)).convert("L"))
    )
    return square
