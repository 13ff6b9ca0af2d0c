"""Pictures inside the page, small, as JPEG data addresses."""

import base64
import io
from dataclasses import dataclass
from html import escape

import numpy as np
from PIL import Image

_LONGEST, _QUALITY = 200, 72


@dataclass(frozen=True)
class Shown:
    """A grey picture (h, w) uint8 and the lines below it."""

    pixels: np.ndarray
    lines: tuple[str, ...] = ()


def figure(pictures: list[Shown], caption: str = "") -> str:
    """Pictures beside each other over one caption."""
    row = "".join(
        f'<div class="one">{_image(picture)}'
        + "".join(f"<span>{escape(line)}</span>" for line in picture.lines)
        + "</div>"
        for picture in pictures
    )
    label = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure><div class="row">{row}</div>{label}</figure>'


def sheet(figures: list[str], narrow: bool = False) -> str:
    """A contact sheet of figures; ``narrow`` for figures of one picture each."""
    return f'<div class="sheet{" narrow" if narrow else ""}">{"".join(figures)}</div>'


def _image(shown: Shown) -> str:
    picture = Image.fromarray(shown.pixels)
    picture.thumbnail((_LONGEST, _LONGEST))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY)
    data = base64.b64encode(file.getvalue()).decode()
    description = escape(", ".join(shown.lines), quote=True)
    return f'<img loading="lazy" alt="{description}" src="data:image/jpeg;base64,{data}">'
