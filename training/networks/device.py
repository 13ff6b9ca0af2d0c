"""Where a network is trained: on CUDA with mixed precision where there is one, else on the CPU."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from classifier.preprocess import Preprocessing
from training.networks.memory import keep_freed_memory


@dataclass(frozen=True)
class Device:
    """``kind``: "cuda" or "cpu"."""

    kind: str

    @classmethod
    def best(cls, threads: int) -> "Device":
        """CUDA where there is one, else the CPU with ``threads`` threads."""
        if torch.cuda.is_available():
            torch.backends.cudnn.benchmark = True  # all batches but the last of an epoch are alike
            return cls("cuda")
        torch.set_num_threads(threads)
        keep_freed_memory()
        return cls("cpu")

    def mixed_precision(self) -> AbstractContextManager[None]:
        """bfloat16 on CUDA. On the CPU it was slower than float32 in channels-last order, so it is off."""
        return torch.autocast(self.kind, torch.bfloat16, enabled=self.kind == "cuda")

    def images(self, pixels: np.ndarray, size: int) -> torch.Tensor:
        """(N, S, S) uint8 → (N, 1, size, size) float of 0..1."""
        images = torch.from_numpy(np.ascontiguousarray(pixels)).to(self.kind)
        images = images.float().div(255)[:, None]
        if images.shape[-1] != size:
            images = functional.interpolate(images, size, mode="bilinear", antialias=True)
        return images

    def inputs(self, pixels: np.ndarray, size: int) -> torch.Tensor:
        """(N, S, S) uint8 → (N, 3, size, size), normalised as ``classifier.preprocess`` does."""
        return normalised(self.images(pixels, size))


def normalised(images: torch.Tensor) -> torch.Tensor:
    """(N, 1, S, S) of 0..1 → (N, 3, S, S), normalised as ``classifier.preprocess`` does."""
    spec = Preprocessing(size=images.shape[-1])
    three = ((images - spec.mean) / spec.std).expand(-1, 3, -1, -1)
    return three.contiguous(memory_format=torch.channels_last)
