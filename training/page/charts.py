"""Charts of two shares, and the confusion matrix, as inline SVG in the page's own colours.

Each has a description for screen readers. ``standalone`` makes a file of its own of any.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

_STYLE = Path(__file__).with_name("plots.css")
_SIDE, _LEFT, _TOP, _BOTTOM = 300, 64, 12, 68  # side of a chart's square, and the margins around it
_CELL, _NAMES = 40, 150  # side of a cell of the matrix, and the space for the names of the classes


@dataclass(frozen=True)
class Series:
    """``points``: shares (x, y), each 0..1. ``kind``: ``strong``, ``dashed`` or nothing.

    ``sizes``: where given, each point is a dot of that share (0..1) of the largest area.
    ``bounds``: where given, each point's interval (low, high): a whisker at a dot, else a band.
    """

    title: str
    points: list[tuple[float, float]]
    kind: str = ""
    sizes: tuple[float, ...] = ()
    bounds: tuple[tuple[float, float], ...] = ()


def chart(
    series: list[Series], across: str, up: str, description: str, counts: bool = False
) -> str:
    """Lines in a square of 0 to 100 % along both axes, with a legend below.

    ``counts``: the horizontal axis shows a number from 0 to 1 and not a share.
    """
    ticks = "".join(_ticks(step / 4, counts) for step in range(5))
    drawn = "".join(_bounds(line) + _line(line) + _dots(line) for line in series)
    base = _TOP + _SIDE + _BOTTOM
    signs = [sign for line in series for sign in _signs(line)]
    legend = "".join(_legend(*sign, base + 22 * at) for at, sign in enumerate(signs))
    width, height = _LEFT + _SIDE + 24, base + 22 * len(signs)
    return (
        f'<svg class="plot chart" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(description, quote=True)}">{ticks}{drawn}'
        f'<text class="quiet middle" x="{_LEFT + _SIDE / 2}" y="{_TOP + _SIDE + 40}">{escape(across)}</text>'
        f'<text class="quiet middle" transform="translate(14 {_TOP + _SIDE / 2}) rotate(-90)">'
        f"{escape(up)}</text>{legend}</svg>"
    )


def matrix(
    names: list[str],
    counts: list[list[float]],
    bounds: dict[str, list[list[float]]],
    description: str,
) -> str:
    """A confusion matrix: rows are the true class; a cell is darker the larger its share of the row is.

    ``bounds``: ``low`` and ``high`` of each share, shown for the cell under the pointer.
    """
    cells = []
    for row, line in enumerate(counts):
        total = sum(line) or 1
        for column, count in enumerate(line):
            share, low, high = (
                count / total,
                bounds["low"][row][column],
                bounds["high"][row][column],
            )
            title = f"{names[row]} called {names[column]}: {share:.0%} ({low:.0%} to {high:.0%})"
            cells.append(_cell(row, column, count, share, title))
    labels = "".join(
        f'<text class="end" x="{_NAMES - 8}" y="{_NAMES + _CELL * (at + 0.5) + 5}">{escape(name)}</text>'
        f'<text transform="translate({_NAMES + _CELL * (at + 0.5) + 5} {_NAMES - 8}) rotate(-60)">'
        f"{escape(name)}</text>"
        for at, name in enumerate(names)
    )
    whole_side = _NAMES + _CELL * len(names)
    return (
        f'<svg class="plot matrix" viewBox="0 0 {whole_side + 40} {whole_side + 28}" role="img" '
        f'aria-label="{escape(description, quote=True)}">{"".join(cells)}{labels}'
        f'<text class="quiet end" x="{_NAMES - 8}" y="{_NAMES - 12}">true ↓ said →</text></svg>'
    )


def standalone(svg: str) -> str:
    """An inline plot as a file of its own: with a namespace, a style and a background, light or dark."""
    opening, body = svg.split(">", 1)
    opening = opening.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')
    ground = '<rect class="ground" x="-20" y="-20" width="2000" height="2000"/>'
    return f"{opening}><style>{_STYLE.read_text()}</style>{ground}{body}\n"


def _x(share: float) -> float:
    return round(_LEFT + share * _SIDE, 1)


def _y(share: float) -> float:
    return round(_TOP + (1 - share) * _SIDE, 1)


def _ticks(share: float, counts: bool) -> str:
    across = f"{share:g}" if counts else f"{share:.0%}"
    return (
        f'<line class="grid" x1="{_x(share)}" x2="{_x(share)}" y1="{_y(0)}" y2="{_y(1)}"/>'
        f'<line class="grid" x1="{_x(0)}" x2="{_x(1)}" y1="{_y(share)}" y2="{_y(share)}"/>'
        f'<text class="quiet middle" x="{_x(share)}" y="{_y(0) + 18}">{across}</text>'
        f'<text class="quiet end" x="{_LEFT - 8}" y="{_y(share) + 5}">{share:.0%}</text>'
    )


def _bounds(series: Series) -> str:
    if not series.bounds:
        return ""
    across = [_x(x) for x, _ in series.points]
    if series.sizes:
        return "".join(
            f'<line class="whisker" x1="{x}" x2="{x}" y1="{_y(low)}" y2="{_y(high)}"/>'
            for x, (low, high) in zip(across, series.bounds, strict=True)
        )
    above = [f"{x},{_y(high)}" for x, (_, high) in zip(across, series.bounds, strict=True)]
    below = [f"{x},{_y(low)}" for x, (low, _) in zip(across, series.bounds, strict=True)]
    return f'<polygon class="band" points="{" ".join(above + below[::-1])}"/>'


def _line(series: Series) -> str:
    path = " ".join(f"{_x(x)},{_y(y)}" for x, y in series.points)
    return f'<polyline class="line {series.kind}" points="{path}"/>'


def _dots(series: Series) -> str:
    return "".join(
        f'<circle class="dot {series.kind}" cx="{_x(x)}" cy="{_y(y)}" r="{3 + 9 * size**0.5:.1f}"/>'
        for (x, y), size in zip(series.points, series.sizes, strict=bool(series.sizes))
    )


def _signs(series: Series) -> Iterator[tuple[str, str]]:
    """The drawing of each sign of a series, 28 wide around the origin's height, and its meaning."""
    yield f'<line class="line {series.kind}" x2="28"/>', series.title
    if series.bounds and series.sizes:
        yield '<line class="whisker" x1="14" x2="14" y1="-8" y2="8"/>', "95 % interval"
    elif series.bounds:
        yield '<rect class="band" y="-7" width="28" height="14"/>', "95 % interval"


def _legend(sign: str, meaning: str, top: int) -> str:
    return f'<g transform="translate({_LEFT} {top})">{sign}<text x="38" y="5">{escape(meaning)}</text></g>'


def _cell(row: int, column: int, count: float, share: float, title: str) -> str:
    x, y = _NAMES + _CELL * column, _NAMES + _CELL * row
    over = " over" if share > 0.5 else ""
    number = int(count + 0.5) or ""  # a mean of repeats may be 0.5; round() would give 0 for it
    return (
        f'<g><title>{escape(title)}</title><rect class="cell" x="{x}" y="{y}" '
        f'width="{_CELL - 2}" height="{_CELL - 2}" '
        f'fill-opacity="{0.04 + 0.96 * share:.2f}"/>'
        f'<text class="cell-text{over}" x="{x + _CELL / 2 - 1}" y="{y + _CELL / 2 + 4}">{number}</text></g>'
    )
