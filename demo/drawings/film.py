"""From attenuation to film: exposure, blur, grain, collimator, and the letters on the plate."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from demo.drawings.bones import Field, noise

_CONTRAST = 1.05
_SHOULDER = 0.95  # film's curve: below 1 it lifts soft tissue out of the dark
_WHITE = 0.90  # of the densest bone: exposure is set for it
_FOG = 0.025  # the film's own base


def blur(field: Field, sigma: float) -> Field:
    """Gaussian blur by FFT, edges mirrored."""
    pad = int(3 * sigma) + 2
    wide = np.pad(field, pad, "reflect")
    fx, fy = np.meshgrid(np.fft.rfftfreq(wide.shape[1]), np.fft.fftfreq(wide.shape[0]))
    passes = np.exp(-2 * (np.pi * sigma) ** 2 * (fx**2 + fy**2))
    return np.fft.irfft2(np.fft.rfft2(wide) * passes, wide.shape)[pad:-pad, pad:-pad]


def expose(attenuation: Field, rng: np.random.Generator, scale: float) -> Field:
    """(H, W) 0 to 1, bone bright. ``scale`` is pixels a unit of length."""
    sharp = blur(attenuation, max(0.9 * scale, 0.4))
    veil = blur(sharp, 38 * scale)  # scattered rays
    seen = 1 - np.exp(-_CONTRAST * (0.93 * sharp + 0.07 * veil))
    side = max(attenuation.shape)
    seen *= _WHITE / np.percentile(seen, 99.7)
    grain = noise(rng, side, 1.1, 1.1)[: seen.shape[0], : seen.shape[1]]
    # Fewer photons behind bone: the grain is relative to what came through.
    return np.clip(seen, 0, 1) ** _SHOULDER + _FOG + 0.013 * grain * np.sqrt(0.25 + seen)


def collimate(film: Field, x: Field, y: Field, rng: np.random.Generator) -> Field:
    """Shutters leave an unexposed margin, a little askew."""
    turn = np.deg2rad(rng.uniform(-1.2, 1.2))
    across, down = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    wide, high = np.abs(x).max() - rng.uniform(10, 22), np.abs(y).max() - rng.uniform(10, 22)
    inside = np.minimum(wide - np.abs(across), high - np.abs(down))
    light = 0.5 * (1 + np.tanh(inside / 2.2))
    return film * light + 0.012 * (1 - light)


def write(
    picture: Image.Image,
    text: str,
    at: tuple[float, float],
    size: int,
    light: int,
    plate: int | None = None,
) -> None:
    """Burns ``text`` in round ``at`` (shares of width and height), on a ``plate`` of that grey."""
    pen = ImageDraw.Draw(picture)
    place = (picture.width * at[0], picture.height * at[1])
    font = ImageFont.load_default(size)
    if plate is not None:
        left, top, right, bottom = pen.textbbox(place, text, font=font, anchor="mm")
        pen.rectangle((left - size / 2, top - size / 2, right + size / 2, bottom + size / 2), plate)
    pen.text(place, text, fill=light, font=font, anchor="mm")
