"""Bones as hollow bodies: how much a ray loses on its way through shell and spongy core.

Lengths are in units of 1/900 of the picture's height, x to the right and y down from its centre.
What a bone returns is a line integral of attenuation, without unit: rays add up, so bones that
overlap are brighter, as on film.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

Field = np.ndarray  # (H, W) float32

_SHELL = 0.021  # attenuation of cortical bone per unit of length
_CORE = 0.0052  # of spongy bone, where it is dense
_TEXTURE = 0.42  # how much trabeculae make the core vary
_FACING = 0.62  # 0 is a round tube, 1 one without front and back wall
_TEXTURE_SIDE = 512


class Bone(Protocol):
    def attenuation(self, x: Field, y: Field) -> Field:
        """Line integral at each (x, y), 0 outside."""


def chord(offset: Field, half: Field) -> Field:
    """Half the way through a round body of half-width ``half`` at ``offset`` from its middle."""
    return np.sqrt(np.clip(half**2 - offset**2, 0, None))


def _body(
    offset: Field, half: Field, cortex: Field | float, core: Field | float, grain: Field
) -> Field:
    outer = chord(offset, half)
    hollow = np.maximum(half - cortex, 0)
    # The wall that faces the tube is drawn thinner than the wall at the edge, as films show it.
    deeper = 1 + _FACING * (half / np.maximum(hollow, 1) - 1)
    inner = np.minimum(chord(offset, hollow) * deeper, outer)
    # Wide ends are flatter than round; without this they would be brighter than any cortex.
    flat = np.minimum(1, 70 / np.maximum(half, 1)) ** 0.5
    return 2 * flat * (_SHELL * (outer - inner) + _CORE * core * inner * (1 + _TEXTURE * grain))


@dataclass(frozen=True)
class Shaft:
    """A long bone along y. ``profile`` rows: y, left edge, right edge, cortex, core density."""

    profile: tuple[tuple[float, float, float, float, float], ...]
    grain: Field  # periodic texture of _TEXTURE_SIDE squared, about -1 to 1
    bow: float = 0.0  # sideways bend of the middle

    def attenuation(self, x: Field, y: Field) -> Field:
        left, right, cortex, core = (self._along(column, y) for column in range(1, 5))
        ends = (self.profile[0][0], self.profile[-1][0])
        middle, reach = (ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2
        bent = x - self.bow * np.clip(1 - ((y - middle) / reach) ** 2, 0, 1)
        offset, half = bent - (left + right) / 2, (right - left) / 2
        grown = _body(offset, np.maximum(half, 0), cortex, core, sample(self.grain, x, y))
        return np.where((y > ends[0]) & (y < ends[1]), grown, 0)

    def _along(self, column: int, y: Field) -> Field:
        """The profile's column at ``y``."""
        rows = np.array(self.profile)
        return rounded(rows[:, 0], rows[:, column], y, 13)


@dataclass(frozen=True)
class Blob:
    """A short bone: ``radius`` of its outline with waves in it, stretched by ``tall``."""

    centre: tuple[float, float]
    radius: float
    waves: tuple[tuple[int, float, float], ...]  # order, share of the radius, phase
    grain: Field
    tall: float = 1.0
    cortex: float = 3.0
    core: float = 0.9

    def attenuation(self, x: Field, y: Field) -> Field:
        across, down = x - self.centre[0], (y - self.centre[1]) / self.tall
        angle, distance = np.arctan2(down, across), np.hypot(across, down)
        edge = self.radius * (
            1 + sum(share * np.cos(order * angle + phase) for order, share, phase in self.waves)
        )
        scaled = distance * self.radius / edge
        half = np.full_like(scaled, self.radius)
        return _body(scaled, half, self.cortex, self.core, sample(self.grain, x, y))


def rounded(rows: Field, values: Field, y: Field, reach: int) -> Field:
    """``values`` at ``y``: straight lines between ``rows``, their corners rounded over ``reach``."""
    levels = np.arange(rows[0] - 40, rows[-1] + 40)
    window = np.hanning(2 * reach + 1)
    line = np.pad(np.interp(levels, rows, values), reach, "edge")
    smooth = np.convolve(line, window / window.sum(), "valid")
    return np.interp(y, levels, smooth).astype(np.float32)


def sample(texture: Field, x: Field, y: Field) -> Field:
    """A periodic texture at (x, y), bilinear, so that it moves with the fragment it lies in."""
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    right, down = x - column, y - row
    side = texture.shape[0]
    near = [texture[(row + i) % side, (column + j) % side] for i in (0, 1) for j in (0, 1)]
    top = near[0] * (1 - right) + near[1] * right
    return top * (1 - down) + (near[2] * (1 - right) + near[3] * right) * down


def noise(rng: np.random.Generator, side: int, across: float, down: float) -> Field:
    """Periodic smooth noise of mean 0 and deviation 1, with grains of ``across`` by ``down``."""
    fx, fy = np.meshgrid(np.fft.rfftfreq(side), np.fft.fftfreq(side))
    passes = np.exp(-((fx * across * 2) ** 2) - (fy * down * 2) ** 2)
    field = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((side, side))) * passes, (side, side))
    field -= field.mean()
    return (field / field.std()).astype(np.float32)


def trabeculae(rng: np.random.Generator) -> Field:
    """Fine struts along the bone, with coarser patches between them."""
    along = noise(rng, _TEXTURE_SIDE, 1.7, 4.5)
    across = noise(rng, _TEXTURE_SIDE, 2.8, 1.7)
    patches = noise(rng, _TEXTURE_SIDE, 12, 18)
    return np.clip(0.34 * along + 0.22 * across + 0.30 * patches, -1, 1)
