"""Plots as inline SVG, in the page's own colours. Each has a description for screen readers."""

from dataclasses import dataclass
from html import escape

_WIDTH, _ROW, _LEFT, _RIGHT = 420, 56, 8, 64
_MARGIN = 16  # of plots.css: as a file of its own a plot is moved down by it, and would lose its last line


@dataclass(frozen=True)
class Bar:
    """``value`` with its interval ``low`` to ``high``, each 0..1; a ``strong`` one is highlighted."""

    title: str
    value: float
    low: float
    high: float
    strong: bool = False


def share_bars(bars: list[Bar], description: str) -> str:
    """Horizontal bars of shares from 0 to 100 %, with whiskers for the intervals. ``description``: the
    description.
    """
    height = _ROW * len(bars) + 30
    grid = "".join(
        f'<line class="grid" x1="{_x(tick):.1f}" x2="{_x(tick):.1f}" y1="4" y2="{height - 26}"/>'
        f'<text class="quiet" x="{_x(tick):.1f}" y="{height - 8}" text-anchor="middle">{tick:.0%}</text>'
        for tick in (0, 0.25, 0.5, 0.75, 1)
    )
    rows = "".join(_row(bar, _ROW * at) for at, bar in enumerate(bars))
    return (
        f'<svg class="plot" viewBox="-12 0 {_WIDTH + 12} {height + _MARGIN}" role="img" '
        f'aria-label="{escape(description, quote=True)}">{grid}{rows}</svg>'
    )


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _row(bar: Bar, top: int) -> str:
    middle = top + 36
    kind = "bar strong" if bar.strong else "bar"
    return (
        f'<text x="{_LEFT}" y="{top + 18}">{escape(bar.title)}</text>'
        f'<rect class="{kind}" x="{_LEFT}" y="{top + 26}" height="20" '
        f'width="{_x(bar.value) - _LEFT:.1f}"/>'
        f'<line class="whisker" x1="{_x(bar.low):.1f}" x2="{_x(bar.high):.1f}" y1="{middle}" y2="{middle}"/>'
        f'<text x="{max(_x(bar.high), _x(bar.value)) + 8:.1f}" y="{top + 41}">{bar.value:.1%}</text>'
    )
