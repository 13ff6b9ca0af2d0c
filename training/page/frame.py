"""The page around the sections: head, style, table of contents. For light and dark, phones and print."""

from dataclasses import dataclass
from html import escape
from pathlib import Path

_STYLES = [Path(__file__).with_name(name) for name in ("plots.css", "page.css")]


@dataclass(frozen=True)
class Section:
    """``body`` is HTML; ``title`` is text; ``name`` is the anchor within the page."""

    name: str
    title: str
    body: str


def page(title: str, lead: str, notice: str, sections: list[Section]) -> str:
    """A whole HTML document. ``title``, ``lead`` and ``notice`` are text; an empty notice is left out."""
    contents = "".join(
        f'<li><a href="#{section.name}">{escape(section.title)}</a></li>' for section in sections
    )
    bodies = "".join(
        f'<section id="{section.name}"><h2>{escape(section.title)}</h2>{section.body}</section>'
        for section in sections
    )
    warning = f'<p class="notice">{escape(notice)}</p>' if notice else ""
    style = "".join(path.read_text() for path in _STYLES)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>"
        f'<h1>{escape(title)}</h1><p class="lead">{escape(lead)}</p>{warning}'
        f'<nav aria-label="Contents"><ul>{contents}</ul></nav>{bodies}</body></html>\n'
    )


def paragraph(text: str, quiet: bool = False) -> str:
    """Text as a paragraph."""
    return f"<p{' class=quiet' if quiet else ''}>{escape(text)}</p>"


def folded(summary: str, body: str) -> str:
    """HTML that is collapsed until somebody opens it."""
    return f"<details><summary>{escape(summary)}</summary>{body}</details>"
