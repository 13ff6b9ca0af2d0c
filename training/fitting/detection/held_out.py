"""What a detector says of the pictures that its split held out, beside their true boxes."""

import numpy as np
import torch

from classifier.detector import DetectorNetwork
from classifier.preprocess import placement
from training.datasets.detector_pictures import Pictures
from training.datasets.external_collection import MARKS
from training.fitting.detection.alterations import ALTERATIONS, altered, choose_for_alteration
from training.fitting.detection.splits import FOLD_PREFIX, PREFIX, DetectorSplit
from training.fitting.detection.targets import STRIDE
from training.fitting.run import DetectorRun

_BATCH = 32


def score_held_out(
    run: DetectorRun, split: DetectorSplit, network: DetectorNetwork
) -> dict[str, np.ndarray]:
    """The columns of ``picture_columns`` and the network's maps.

    The folds also have the scores of altered pictures: ``altered_names`` (a,), ``altered_rows`` (m,) and
    ``altered_fracture`` (a, m).
    """
    network = network.to(run.device.kind, memory_format=torch.channels_last)  # type: ignore[call-overload]
    rows = np.flatnonzero(split.test)
    scores = picture_columns(run.data, rows, run.recipe.size)
    scores |= _maps(network, run, run.data.pixels[rows])
    if split.name.startswith(f"{PREFIX}{FOLD_PREFIX}"):
        scores |= _score_altered(run, split, network, rows)
    return scores


def _score_altered(
    run: DetectorRun, split: DetectorSplit, network: DetectorNetwork, rows: np.ndarray
) -> dict[str, np.ndarray]:
    # Every fold alters its share, so that the recipe's number is reached over all folds together.
    count = run.recipe.altered // run.config.folds
    chosen = choose_for_alteration(run.data, split.test, count, run.config.seed)
    maps_of_alterations = [
        _maps(network, run, altered(run.data, chosen, name, run.config.seed))
        for name in ALTERATIONS
    ]
    return {
        "altered_names": np.array(list(ALTERATIONS)),
        "altered_rows": np.searchsorted(rows, chosen),
        "altered_fracture": np.stack([maps["fracture"] for maps in maps_of_alterations]),
    }


def picture_columns(pictures: Pictures, rows: np.ndarray, size: int) -> dict[str, np.ndarray]:
    """The file's values for each picture; see ``training.evaluation.detector.held_out``.

    ``places``: top, left, height, width of the picture in its letterbox of ``size`` pixels.
    """
    held_out = [pictures.rows[row] for row in rows]
    boxes = [(index, *box) for index, picture in enumerate(held_out) for box in picture.boxes]
    places = [placement(picture.size[1], picture.size[0], size) for picture in held_out]
    edges = [(place.top, place.left, place.height, place.width) for place in places]
    return {
        "ids": np.array([picture.sha256[:16] for picture in held_out], "U16"),
        "collections": np.array([picture.collection for picture in held_out], str),
        "groups": np.array([picture.group for picture in held_out], str),
        "radiographs": np.array([picture.radiograph for picture in held_out], str),
        "measured": np.array([picture.measured for picture in held_out], bool),
        "labels": np.array([picture.fractured for picture in held_out], int),
        "sizes": np.array([picture.size for picture in held_out], int).reshape(-1, 2),
        "places": np.array(edges, int).reshape(-1, 4),
        "boxes": np.array(boxes, float).reshape(-1, 5),
        **{
            f"marks_{name}": np.array(
                [picture.marks.get(name, False) for picture in held_out], bool
            )
            for name in MARKS
        },
    }


@torch.inference_mode()
def _maps(network: DetectorNetwork, run: DetectorRun, pixels: np.ndarray) -> dict[str, np.ndarray]:
    """(n, S, S) uint8 → ``heat`` (n, h, w) and ``extent`` (n, 4, h, w) float16, ``fracture`` (n,) float32.

    float16 halves the file; the scores that count, ``fracture``, keep their precision.
    """
    cells = run.recipe.size // STRIDE
    # The empty first batch gives the arrays their shapes where nothing was held out.
    heats = [np.zeros((0, cells, cells), np.float16)]
    extents = [np.zeros((0, 4, cells, cells), np.float16)]
    fractures = [np.zeros(0, np.float32)]
    for start in range(0, len(pixels), _BATCH):
        inputs = run.device.inputs(pixels[start : start + _BATCH], run.recipe.size)
        heat, extent, fracture = (tensor.float().cpu().numpy() for tensor in network(inputs))
        heats.append(heat.astype(np.float16))
        extents.append(extent.astype(np.float16))
        fractures.append(fracture[:, 0])
    return {
        "heat": np.concatenate(heats),
        "extent": np.concatenate(extents),
        "fracture": np.concatenate(fractures),
    }
