"""Local features of a picture that survive rotation, scaling, cropping and drawn arrows.

SIFT (Lowe, 2004) with the square root of its histograms (Arandjelović and Zisserman, 2012). The descriptors
of a mirrored picture are the same numbers in another order, so no picture is examined twice.
"""

from dataclasses import dataclass

import cv2
import numpy as np

LONGEST = 256  # pixels of the longer side in which features are searched
MOST = 300  # features of a picture; the strongest are kept
_MIRROR = np.arange(128).reshape(4, 4, 8)[::-1][:, :, -np.arange(8) % 8].ravel()


@dataclass(frozen=True)
class Keypoints:
    """``points`` (K, 2) float32: x, y in pixels. ``descriptors`` (K, 128) uint8: SIFT's own."""

    points: np.ndarray
    descriptors: np.ndarray

    def __len__(self) -> int:
        return len(self.points)

    @property
    def upright(self) -> np.ndarray:
        """(K, 128) float32 of unit length."""
        return _rooted(self.descriptors)

    @property
    def mirrored(self) -> np.ndarray:
        """(K, 128): the descriptors of the same features after mirroring the picture left to right."""
        return _rooted(self.descriptors[:, _MIRROR])


def shrunk(pixels: np.ndarray, longest: int = LONGEST) -> np.ndarray:
    """(H, W) uint8 or uint16 → (h, w) uint8: the longer side is ``longest``; half a percent is clipped.

    A smaller picture is enlarged, so that twins of different size are treated alike.
    """
    scale = longest / max(pixels.shape)
    height, width = (max(8, round(side * scale)) for side in pixels.shape)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = cv2.resize(pixels.astype(np.float32), (width, height), interpolation=how)
    low, high = np.percentile(small, (0.5, 99.5))
    scaled = (small - low) * (255 / max(float(high - low), 1e-6))
    return np.asarray(scaled.clip(0, 255).round(), np.uint8)


def find_keypoints(small: np.ndarray) -> Keypoints:
    """The keypoints of a picture that ``shrunk`` returned."""
    sift = cv2.SIFT.create(nfeatures=MOST, contrastThreshold=0.01, edgeThreshold=20)
    found, descriptors = sift.detectAndCompute(small, None)
    if descriptors is None:
        return Keypoints(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.uint8))
    points = np.array([descriptor.pt for descriptor in found], np.float32)
    return Keypoints(points, descriptors.round().clip(0, 255).astype(np.uint8))


def _rooted(descriptors: np.ndarray) -> np.ndarray:
    sums = descriptors.sum(1, dtype=np.float32, keepdims=True)
    return np.sqrt(descriptors / np.maximum(sums, 1e-6)).astype(np.float32)
