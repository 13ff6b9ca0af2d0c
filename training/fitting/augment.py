"""Augmentation: changes to a training picture that leave its class as it is."""

import io
import math

import numpy as np
import torch
from PIL import Image
from torch.nn import functional


def augment(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """(N, 1, S, S) of 0..1 → the same shape: turned, scaled, mirrored, re-exposed and partly hidden.

    Mirroring is safe: no class depends on the side of the body, and a mirrored side marker says nothing of it
    either (docs/decisions/0007). Quarter turns are safe, because the data holds turned twins of radiographs.
    """
    turned = _moved(images, generator)
    exposed = _exposed(turned, generator)
    return _framed(_occluded(exposed, generator), generator)


def recompressed(pixels: np.ndarray, rng: np.random.Generator, share: float = 0.3) -> np.ndarray:
    """(N, S, S) uint8 → the same shape; the given ``share`` of pictures went through JPEG, quality 20
    to 90.
    """
    out = pixels.copy()
    for index in np.flatnonzero(rng.random(len(pixels)) < share):
        file = io.BytesIO()
        Image.fromarray(pixels[index]).save(file, "JPEG", quality=int(rng.integers(20, 91)))
        out[index] = np.asarray(Image.open(file))
    return out


def mixup(
    images: torch.Tensor, targets: torch.Tensor, alpha: float, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mixup (Zhang et al., 2018): blends each picture and target with those of another picture.

    On maps (N, C, h, w) inside a network it is manifold mixup (Verma et al., 2019). The share is drawn from
    Beta(alpha, alpha), once for a batch.
    """
    share = float(rng.beta(alpha, alpha))
    other = torch.from_numpy(rng.permutation(len(images))).to(images.device)
    return (
        share * images + (1 - share) * images[other],
        share * targets + (1 - share) * targets[other],
    )


def cutmix(
    images: torch.Tensor, targets: torch.Tensor, alpha: float, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """CutMix (Yun et al., 2019): replaces a rectangle of each picture, or of its maps, by that of another
    one.

    The target is blended by the rectangle's share. The area is drawn from Beta(alpha, alpha) and the centre
    from anywhere, once for a batch. What lies over the edge is cut off and does not count.
    """
    height, width = images.shape[-2:]
    side = math.sqrt(rng.beta(alpha, alpha))
    top, bottom = _span(height, side, rng)
    left, right = _span(width, side, rng)
    other = torch.from_numpy(rng.permutation(len(images))).to(images.device)
    out = images.clone()
    out[..., top:bottom, left:right] = images[other][..., top:bottom, left:right]
    share = (bottom - top) * (right - left) / (height * width)
    return out, (1 - share) * targets + share * targets[other]


def _span(length: int, side: float, rng: np.random.Generator) -> tuple[int, int]:
    """Begin and end of a span that covers the share ``side`` (0..1) of a length, at a random place."""
    centre, half = rng.integers(length), side * length / 2
    return max(0, round(centre - half)), min(length, round(centre + half))


def _uniform(n: int, low: float, high: float, generator: torch.Generator) -> torch.Tensor:
    return torch.rand(n, generator=generator) * (high - low) + low


def _moved(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    n = len(images)
    quarter = torch.randint(0, 4, (n,), generator=generator) * (
        torch.rand(n, generator=generator) < 0.3
    )
    angle = _uniform(n, -0.35, 0.35, generator) + quarter * (math.pi / 2)
    scale = _uniform(n, 0.7, 1.1, generator)
    mirror = torch.where(torch.rand(n, generator=generator) < 0.5, -1.0, 1.0)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    shift = _uniform(2 * n, -0.12, 0.12, generator).view(n, 2)
    matrix = torch.stack(
        [
            torch.stack([cos * mirror, -sin, shift[:, 0]], 1),
            torch.stack([sin * mirror, cos, shift[:, 1]], 1),
        ],
        1,
    ).to(images.device)
    grid = functional.affine_grid(matrix, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, align_corners=False)


def _exposed(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Changes the exposure: gamma, contrast, brightness, film grain; now and then a negative."""
    n, device = len(images), images.device
    gamma, contrast, brightness, grain, negative = (
        _uniform(n, low, high, generator).view(n, 1, 1, 1).to(device)
        for low, high in ((0.7, 1.4), (0.75, 1.25), (-0.1, 0.1), (0, 0.03), (0, 1))
    )
    shown = torch.where(negative < 0.05, 1 - images, images)
    lit = (shown.clamp(0, 1) ** gamma - 0.5) * contrast + 0.5 + brightness
    noise = torch.randn(images.shape, generator=generator).to(device) * grain
    return (lit + noise).clamp(0, 1)


def _occluded(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Hides a rectangle in half of the pictures, so that a drawn arrow alone can't tell the class."""
    n, _, height, width = images.shape
    out = images.clone()
    for index in range(n):
        if torch.rand(1, generator=generator) < 0.5:
            h, w = (_uniform(2, 0.08, 0.3, generator) * height).long().tolist()
            top = int(torch.randint(0, height - h, (1,), generator=generator))
            left = int(torch.randint(0, width - w, (1,), generator=generator))
            out[index, :, top : top + h, left : left + w] = float(
                torch.rand(1, generator=generator)
            )
    return out


def _framed(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Paints over the edges of a tenth of the pictures, where borders and captions are."""
    out = images.clone()
    for index in range(len(images)):
        if torch.rand(1, generator=generator) < 0.1:
            grey = float(torch.rand(1, generator=generator))
            edge = int(_uniform(1, 0.02, 0.08, generator) * images.shape[-1]) + 1
            for strip in (
                out[index, :, :edge],
                out[index, :, -edge:],
                out[index, :, :, :edge],
                out[index, :, :, -edge:],
            ):
                strip.fill_(grey)
    return out
