"""Tables and rows of large numbers."""

from html import escape

Cell = str | int | float


def table(heads: list[str], rows: list[list[Cell]]) -> str:
    """Cells are text or numbers; columns of numbers are right-aligned. It scrolls on a narrow screen."""
    numeric = [all(not isinstance(row[at], str) for row in rows) for at in range(len(heads))]
    head = "".join(
        f"<th{_kind(number)}>{escape(text)}</th>"
        for text, number in zip(heads, numeric, strict=True)
    )
    lines = "".join(
        "<tr>"
        + "".join(
            f"<td{_kind(number)}>{_text(cell)}</td>"
            for cell, number in zip(row, numeric, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></div>'


def tiles(figures: list[tuple[Cell, str]]) -> str:
    """Large numbers, each over its label."""
    inner = "".join(
        f"<div><b>{_text(number)}</b><span>{escape(text)}</span></div>" for number, text in figures
    )
    return f'<div class="tiles">{inner}</div>'


def _kind(number: bool) -> str:
    return ' class="number"' if number else ""


def _text(cell: Cell) -> str:
    return f"{cell:,}" if isinstance(cell, int) else escape(str(cell))
