"""What live views are made to look like, a batch at once, where the network trains.

``torchvision.transforms.v2`` draws one set of parameters for a batch; here each picture has its own. All take
and give (N, 1, S, S) float of 0..1; ``chance`` is the share of the pictures that are changed.
"""

from importlib import import_module

import numpy as np
import torch
from torch.nn import functional

from classifier.torchvision_shim import import_torchvision
from training.fitting.detection.overlays import with_marker

import_torchvision()
v2 = import_module("torchvision.transforms.v2")

MARKERS = 128  # drawn once; each use shifts one
# The luminance table of the JPEG standard (ITU-T T.81, annex K).
_QUANTA = (
    *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
)


class Drawn:
    """Random numbers for a batch of ``count`` pictures, drawn on the CPU, used on a device."""

    def __init__(self, rng: np.random.Generator, count: int, device: torch.device) -> None:
        self.rng, self.count, self.device = rng, count, device

    def uniform(self, low: float, high: float) -> torch.Tensor:
        """(N, 1, 1, 1)."""
        return self._over(self.rng.uniform(low, high, self.count).astype(np.float32))

    def chance(self, share: float) -> torch.Tensor:
        """(N, 1, 1, 1) bool."""
        return self._over(self.rng.random(self.count) < share)

    def _over(self, values: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(values).to(self.device, non_blocking=True)[:, None, None, None]


def recompressed(images: torch.Tensor, drawn: Drawn, chance: float = 0.5) -> torch.Tensor:
    """As JPEG of quality 20 to 95 leaves it: the rounding of its cosines. Sides are multiples of 8."""
    count, _, height, width = images.shape
    steps = torch.arange(8, device=images.device, dtype=torch.float32)
    cosines = torch.cos((2 * steps[None] + 1) * steps[:, None] * torch.pi / 16) / 2
    cosines[0] /= 2**0.5
    basis = torch.kron(cosines, cosines)  # (64, 64): of a whole block
    blocks = images.reshape(count, height // 8, 8, width // 8, 8).transpose(2, 3)
    waves = (blocks.reshape(count, -1, 64) * 255 - 128) @ basis.T
    quality = drawn.uniform(20, 95)[:, 0]
    scale = torch.where(quality < 50, 50 / quality, 2 - quality / 50)
    table = torch.tensor(_QUANTA, device=images.device, dtype=torch.float32)
    table = (table * scale).round().clamp(min=1)
    decoded = ((waves / table).round() * table @ basis + 128) / 255
    decoded = decoded.reshape(count, height // 8, width // 8, 8, 8).transpose(2, 3)
    jpeg = decoded.reshape(images.shape).clamp(0, 1)
    return torch.where(drawn.chance(chance), jpeg, images)


def coarser(images: torch.Tensor, drawn: Drawn, chance: float = 0.2) -> torch.Tensor:
    """As files of fewer pixels are: one number of pixels for all that are changed in a batch."""
    side = images.shape[-1]
    fewer = round(float(drawn.rng.uniform(0.35, 0.9)) * side)
    small = functional.interpolate(images, fewer, mode="bilinear", antialias=True)
    back = functional.interpolate(small, side, mode="bilinear").clamp(0, 1)
    return torch.where(drawn.chance(chance), back, images)


def exposed(images: torch.Tensor, drawn: Drawn) -> torch.Tensor:
    """Another gamma, contrast and brightness; fields of uneven light; sharpened or flattened as vendors do;
    one in twenty-five is a negative.
    """
    side = images.shape[-1]
    local = functional.interpolate(
        functional.avg_pool2d(images, side // 28), side, mode="bilinear", align_corners=False
    )
    amount = torch.where(drawn.chance(0.35), drawn.uniform(-0.3, 1.2), torch.zeros(()))
    images = (images + amount * (images - local)).clamp(0, 1)
    lit = (images ** drawn.uniform(0.65, 1.5) - 0.5) * drawn.uniform(0.75, 1.25) + 0.5
    lit = lit + drawn.uniform(-0.1, 0.1)
    coarse = drawn.rng.uniform(-0.3, 0.3, (len(images), 1, 3, 3)).astype(np.float32)
    field = torch.from_numpy(coarse).to(images.device, non_blocking=True)
    field = functional.interpolate(field, side, mode="bicubic", align_corners=True)
    lit = torch.where(drawn.chance(0.25), lit * (1 + field), lit).clamp(0, 1)
    return torch.where(drawn.chance(0.04), 1 - lit, lit)


def marker_bank(size: int, seed: int, device: torch.device) -> torch.Tensor:
    """(MARKERS, S, S) uint8: letters on black."""
    rng = np.random.default_rng(seed)
    black = np.zeros((size, size), np.float32)
    drawn = [(with_marker(black, rng) * 255).astype(np.uint8) for _ in range(MARKERS)]
    return torch.from_numpy(np.stack(drawn)).to(device)


def marked(images: torch.Tensor, bank: torch.Tensor, drawn: Drawn) -> torch.Tensor:
    """Markers in a fifth, frames in a tenth, the veil of a cast in three tenths: these say nothing of a
    fracture, and must not.
    """
    side = images.shape[-1]
    which = torch.from_numpy(drawn.rng.integers(0, len(bank), len(images))).to(images.device)
    shift = tuple(int(offset) for offset in drawn.rng.integers(0, side, 2))
    letters = torch.roll(bank[which], shift, (1, 2))[:, None] / 255
    images = torch.where(drawn.chance(0.2), torch.maximum(images, letters), images)
    y = torch.arange(side, device=images.device, dtype=torch.float32)[:, None] / side
    x = y.T
    in_frame = torch.zeros_like(images, dtype=torch.bool)
    edge = drawn.uniform(1 / 128, 1 / 13)
    for strip in (y < edge, y > 1 - edge, x < edge, x > 1 - edge):
        in_frame |= strip & drawn.chance(0.6)
    images = torch.where(in_frame & drawn.chance(0.1), drawn.uniform(0, 1), images)
    return torch.where(drawn.chance(0.3), (images + _veil(x, y, drawn)).clamp(0, 1), images)


def _veil(x: torch.Tensor, y: torch.Tensor, drawn: Drawn) -> torch.Tensor:
    """As ``training.fitting.detection.overlays.with_rim`` draws it."""
    turn = drawn.uniform(0, np.pi)
    off = ((x - 0.5) * turn.cos() + (y - 0.5) * turn.sin() - drawn.uniform(-0.2, 0.2)).abs()
    half, edge = drawn.uniform(0.1, 0.45), drawn.uniform(0.006, 0.035)
    veil = (off < half) * drawn.uniform(0.0, 0.25)
    return veil + ((off - half).abs() < edge) * drawn.uniform(0.05, 0.3)


def windowed(
    images: torch.Tensor, shown: torch.Tensor, drawn: Drawn, chance: float = 0.6
) -> torch.Tensor:
    """Between the percentiles of ``classifier.preprocess``, as what has been changed is served. ``shown``:
    (N, 1, S, S) bool, what lies in the picture and not in its letterbox.
    """
    step = max(1, images.shape[-1] // 64)
    grey = torch.where(shown, images, torch.nan)[..., ::step, ::step].flatten(1).float()
    ends = torch.tensor([0.005, 0.995], device=images.device)
    low, high = grey.nanquantile(ends, 1).nan_to_num(0.0)[:, :, None, None, None]
    within = ((images - low) / (high - low).clamp(min=0.2)).clamp(0, 1)
    return torch.where(drawn.chance(chance), within, images)


def hidden(
    images: torch.Tensor, corners: list[np.ndarray], may: np.ndarray, drawn: Drawn
) -> torch.Tensor:
    """Hides a rectangle in three of ten of those that ``may`` (N,), none that holds the middle of a box."""
    side, rng = images.shape[-1], drawn.rng
    rectangles = np.zeros((len(images), 4), np.float32)
    for index in np.flatnonzero(may & (rng.random(len(images)) < 0.3)):
        middle = (corners[index][:, :2] + corners[index][:, 2:]) / 2
        sides = rng.uniform(0.06, 0.3, 2) * side
        low = rng.uniform(0, side - sides)
        near = (middle > low - side / 25) & (middle < low + sides + side / 25)
        if not near.all(1).any():
            rectangles[index] = (*low, *(low + sides))
    edges = torch.from_numpy(rectangles).to(images.device, non_blocking=True)
    return torch.where(inside(edges, side), drawn.uniform(0, 1), images)


def inside(edges: torch.Tensor, side: int) -> torch.Tensor:
    """(N, 4) left, top, right, bottom in pixels → (N, 1, S, S) bool."""
    at = torch.arange(side, device=edges.device, dtype=torch.float32) + 0.5
    left, top, right, bottom = edges[:, :, None].unbind(1)
    across, down = (at > left) & (at < right), (at > top) & (at < bottom)
    return (down[:, :, None] & across[:, None, :])[:, None]


def noisy(images: torch.Tensor, drawn: Drawn, generator: torch.Generator) -> torch.Tensor:
    """Film grain, and one in five a little out of focus."""
    sigma = float(drawn.rng.uniform(0.5, 1.5))
    soft = v2.functional.gaussian_blur(images, [5, 5], [sigma])
    images = torch.where(drawn.chance(0.2), soft, images)
    grain = torch.randn(images.shape, generator=generator, device=images.device)
    return (images + grain * drawn.uniform(0, 0.03)).clamp(0, 1)
