"""Features of the frozen ImageNet network: of a picture in eight orientations, and of a changed copy."""

from functools import cache

import cv2
import numpy as np
import torch

from training.networks.memory import keep_freed_memory
from training.networks.pretrained import pretrained_network

SIZE = 128  # pixels, for twins: it found more of them than 224, in a third of the time
COPY_SIZE = 160  # pixels, for the leak experiment
ORIENTATIONS = 8
FEATURES = 1280
_BATCH = 32
_DRAWN = 256  # side in pixels of the square in which a copy is made


def use_one_thread() -> None:
    """Uses one thread: with thousands of small steps, threads mostly wait for each other on a busy
    machine.
    """
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    keep_freed_memory()


def oriented_features(smalls: list[np.ndarray]) -> np.ndarray:
    """N pictures (h, w) uint8 → (N, 8, 1280) float16: four quarter turns, then the same mirrored.

    A picture is stretched to a square, because twins in the data were stretched too.
    """
    squares = [_square(small, SIZE) for small in smalls]
    turned = [np.rot90(picture, turns) for picture in squares for turns in range(4)]
    ways = [way for at in range(0, len(turned), 4) for way in _and_mirrored(turned[at : at + 4])]
    return _features(ways).reshape(-1, ORIENTATIONS, FEATURES)


def plain_features(pictures: list[np.ndarray]) -> np.ndarray:
    """N pictures (h, w) uint8 → (N, 1280) float16, in their own orientation."""
    return _features([_square(picture, COPY_SIZE) for picture in pictures])


def augmented(small: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(h, w) uint8 → one augmented copy, uint8, as labelling services make them.

    Turned by up to 10 degrees, mirrored half of the time, cropped by up to 10 % a side, brighter or darker by
    up to 20 %.
    """
    square = _square(small, _DRAWN)
    if rng.random() < 0.5:
        square = np.ascontiguousarray(square[:, ::-1])
    turn = cv2.getRotationMatrix2D((_DRAWN / 2, _DRAWN / 2), float(rng.uniform(-10, 10)), 1.0)
    square = cv2.warpAffine(square, turn, (_DRAWN, _DRAWN))
    top, bottom, left, right = (rng.uniform(0, 0.1, 4) * _DRAWN).astype(int)
    cut = square[top : _DRAWN - bottom, left : _DRAWN - right]
    return np.asarray((cut * rng.uniform(0.8, 1.2)).clip(0, 255), np.uint8)


def _and_mirrored(pictures: list[np.ndarray]) -> list[np.ndarray]:
    return [*pictures, *(picture[:, ::-1] for picture in pictures)]


def _square(pixels: np.ndarray, size: int) -> np.ndarray:
    return np.asarray(cv2.resize(pixels, (size, size), interpolation=cv2.INTER_AREA), np.uint8)


@torch.inference_mode()
def _features(pictures: list[np.ndarray]) -> np.ndarray:
    """N pictures (S, S) uint8 → (N, 1280) float16, global average pooling of the last map."""
    network, pooled = _network(), []
    for start in range(0, len(pictures), _BATCH):
        images = torch.from_numpy(np.stack(pictures[start : start + _BATCH])).float().div(255)
        scaled = ((images[:, None] - 127 / 255) / (128 / 255)).expand(-1, 3, -1, -1)
        maps = network(scaled.contiguous(memory_format=torch.channels_last))
        pooled.append(maps.mean((2, 3)).half().numpy())
    return np.concatenate(pooled) if pooled else np.zeros((0, FEATURES), np.float16)


@cache
def _network() -> torch.nn.Module:
    """The ImageNet network up to its last feature map."""
    network = pretrained_network().backbone.eval()
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]
