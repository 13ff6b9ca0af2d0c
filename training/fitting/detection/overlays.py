"""What may lie on a radiograph and says nothing of a fracture: markers, frames, the veil of a cast.

Each takes and returns (S, S) float32 of 0..1. Training draws them at random, so that none of them can carry
the answer. The figures measure what each still changes.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_LETTERS = ("L", "R", "LT", "RT", "AP", "LAT", "PORT", "12", "W 4", "KV 55", "1.0")


def with_marker(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws one to three bright letters of a lead marker or a caption, anywhere."""
    side = len(pixels)
    image = Image.fromarray((pixels * 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.integers(1, 4)):
        font = ImageFont.load_default(float(rng.integers(side // 36, side // 9)))
        place = rng.integers(0, side - side // 8, 2)
        grey = int(rng.integers(150, 256))
        draw.text((int(place[0]), int(place[1])), str(rng.choice(_LETTERS)), fill=grey, font=font)
    return np.asarray(image).astype(np.float32) / 255


def with_frame(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Paints one grey over some of the edges, as scanners and screenshots do."""
    out = pixels.copy()
    side = len(pixels)
    edge, grey = int(rng.integers(side // 128, side // 13)), float(rng.random())
    for strip in (out[:edge], out[-edge:], out[:, :edge], out[:, -edge:]):
        if rng.random() < 0.6:
            strip[:] = grey
    return out


def with_rim(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draws a bright veil with brighter edges along a line, as a plaster cast looks."""
    side = len(pixels)
    y, x = np.mgrid[:side, :side] - side / 2
    turn = rng.random() * np.pi
    off = np.abs(x * np.cos(turn) + y * np.sin(turn) - rng.uniform(-0.15, 0.15) * side)
    half, edge = rng.uniform(0.12, 0.4) * side, rng.uniform(0.008, 0.03) * side
    veil = (off < half) * rng.uniform(0.05, 0.2) + (np.abs(off - half) < edge) * rng.uniform(
        0.05, 0.25
    )
    return np.clip(pixels + veil, 0, 1).astype(np.float32)
