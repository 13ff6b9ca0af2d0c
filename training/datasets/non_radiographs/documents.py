"""Drawn documents: letters, forms and charts, on paper and as negatives."""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_WORDS = [
    *(
        "the",
        "patient",
        "was",
        "seen",
        "after",
        "a",
        "fall",
        "with",
        "pain",
        "swelling",
        "and",
        "loss",
    ),
    *("of", "function", "referred", "for", "imaging", "left", "right", "wrist", "ankle", "none"),
    *("known", "plan", "review", "two", "weeks", "date", "name", "signature", "report", "findings"),
]
_STYLES = ("letter", "form", "chart")


def documents(rng: np.random.Generator, count: int) -> Iterator[tuple[np.ndarray, str]]:
    """Yields (H, W) uint8 and the style; 2 * ``count`` of each style."""
    for style in _STYLES:
        for _ in range(2 * count):
            page = _page(style, rng)
            if rng.random() < 0.25:
                page = Image.eval(page, lambda grey: 255 - grey)
            if rng.random() < 0.3:
                page = page.rotate(rng.uniform(-8, 8), expand=True, fillcolor=190)
            noisy = np.asarray(page, np.float32) + rng.normal(0, rng.uniform(0, 8), page.size[::-1])
            yield noisy.clip(0, 255).astype(np.uint8), f"drawn-{style}"


def _page(style: str, rng: np.random.Generator) -> Image.Image:
    width, height = (int(side) for side in rng.integers(400, 1000, 2))
    page = Image.new("L", (width, height), int(rng.integers(225, 256)))
    draw = ImageDraw.Draw(page)
    _text(draw, width, height if style != "chart" else height // 4, rng)
    if style == "form":
        for y in range(40, height - 20, int(rng.integers(50, 120))):
            draw.line((20, y, width - 20, y), fill=0)
        for x in range(20, width, int(rng.integers(120, 260))):
            draw.line((x, 40, x, height - 30), fill=60)
    if style == "chart":
        _chart(draw, width, height, rng)
    return page


def _text(draw: ImageDraw.ImageDraw, width: int, height: int, rng: np.random.Generator) -> None:
    size = int(rng.integers(11, 26))
    font = ImageFont.load_default(size=size)
    y = float(rng.integers(10, 40))
    while y < height - size:
        line = " ".join(rng.choice(_WORDS, int(rng.integers(2, 14))))
        draw.text((int(rng.integers(15, 45)), y), line, fill=int(rng.integers(0, 80)), font=font)
        y += size * rng.uniform(1.2, 2.0)


def _chart(draw: ImageDraw.ImageDraw, width: int, height: int, rng: np.random.Generator) -> None:
    left, bottom, top = 50, height - 40, height // 3
    draw.line((left, top, left, bottom), fill=0, width=2)
    draw.line((left, bottom, width - 30, bottom), fill=0, width=2)
    steps = int(rng.integers(5, 20))
    xs = np.linspace(left, width - 40, steps)
    ys = bottom - rng.uniform(0, bottom - top, steps)
    if rng.random() < 0.5:
        draw.line(list(zip(xs.tolist(), ys.tolist(), strict=True)), fill=30, width=3)
        return
    for x, y in zip(xs, ys, strict=True):
        draw.rectangle((x, y, x + 0.6 * (xs[1] - xs[0]), bottom), fill=int(rng.integers(40, 180)))
