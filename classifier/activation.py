"""Class activation maps from the forward pass.

For global average pooling and a linear head, the map Σ_k w_ck · A_k is the exact spatial decomposition
of a class's logit (Zhou et al., 2016), and equals Grad-CAM and HiResCAM up to a positive factor.
"""

import numpy as np
from PIL import Image

from classifier.preprocess import Placement


def class_activation(features: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(C, h, w) features and (C,) head weights → (h, w) evidence for the class, in logits × h × w."""
    return np.tensordot(weights, features, axes=1)


def displayed(evidence: np.ndarray, place: Placement, size: int, longest: int = 32) -> np.ndarray:
    """Evidence on the network's grid → a map of 0..1 that spans exactly the picture.

    Negative evidence counts as 0. The letterbox's bars are cut off. The longer side has ``longest`` cells:
    32 is a choice, between the network's own 9 (288 pixels at stride 32), whose steps would show, and a map
    that is large to store.
    """
    positive = np.maximum(evidence, 0).astype(np.float32)
    peak = float(positive.max())
    if peak > 0:
        positive /= peak
    return spanning(positive, place, size, longest)


def spanning(values: np.ndarray, place: Placement, size: int, longest: int) -> np.ndarray:
    """(h, w) float32 of 0..1 on the network's grid → the same values over exactly the picture.

    The longer side has ``longest`` cells.
    """
    scale = longest / max(place.height, place.width)
    target = (max(1, round(place.width * scale)), max(1, round(place.height * scale)))
    grid_y, grid_x = values.shape[0] / size, values.shape[1] / size
    box = (
        place.left * grid_x,
        place.top * grid_y,
        (place.left + place.width) * grid_x,
        (place.top + place.height) * grid_y,
    )
    resized = Image.fromarray(values).resize(target, Image.Resampling.BILINEAR, box=box)
    return np.clip(np.asarray(resized), 0, 1)
