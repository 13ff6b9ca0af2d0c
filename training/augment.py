"""What may happen to a training picture and still leave its class what it was."""

import math

import torch
from torch.nn import functional


def augment(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """(N, 1, S, S) of 0..1 → the same shape, each turned, scaled, mirrored, re-exposed, occluded.

    Mirroring is safe: no class depends on the side of the body. Quarter turns are, since the data
    holds turned twins of one radiograph.
    """
    turned = _moved(images, generator)
    exposed = _exposed(turned, generator)
    return _occluded(exposed, generator)


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
    )
    grid = functional.affine_grid(matrix, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, align_corners=False)


def _exposed(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Another exposure: gamma, contrast, brightness, and some film grain."""
    n = len(images)
    gamma = _uniform(n, 0.7, 1.4, generator).view(n, 1, 1, 1)
    contrast = _uniform(n, 0.75, 1.25, generator).view(n, 1, 1, 1)
    brightness = _uniform(n, -0.1, 0.1, generator).view(n, 1, 1, 1)
    grain = _uniform(n, 0, 0.03, generator).view(n, 1, 1, 1)
    lit = (images.clamp(0, 1) ** gamma - 0.5) * contrast + 0.5 + brightness
    noise = torch.randn(images.shape, generator=generator) * grain
    return (lit + noise).clamp(0, 1)


def _occluded(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Hides a rectangle in half of the pictures, so that a drawn arrow can't carry the class alone."""
    n, _, height, width = images.shape
    out = images.clone()
    for index in range(n):
        if torch.rand(1, generator=generator) < 0.5:
            h, w = (_uniform(2, 0.08, 0.3, generator) * height).long().tolist()
            top = int(torch.randint(0, height - h, (1,), generator=generator))
            left = int(torch.randint(0, width - w, (1,), generator=generator))
            out[index, :, top : top + h, left : left + w] = torch.rand(1, generator=generator)
    return out
