"""What a model card says of the boxes that a page shows."""

from typing import Any

from training.publishing.figure_labels import both

_SECTION = """\
A picture that is called positive or in doubt shows its best box, and further ones from a score of \
{score_from:.3f} on, at most {most:g}. Here calls and that score come from the other folds. *Right*: the box's
centre lies on a break, as above.

| FracAtlas, folds | positive | doubt | both |
| --- | --- | --- | --- |
{rows}"""
_CALLS = ("positive", "doubt", "both")
_SHARES = {
    "first_right": "first boxes that are right",
    "further_right": "further boxes that are right",
    "found": "breaks that are shown, of all breaks",
}
_NUMBERS = {"false": "false boxes a picture", "false_healthy": "false boxes a healthy picture"}


def served_section(manifest: dict[str, Any]) -> str:
    """Markdown."""
    folds = manifest["metrics"]["detector"]["fracatlas"] or {}
    served = folds.get("served")
    if not served:
        return "Not measured."
    parts = [served[call] for call in _CALLS]
    rows = {"pictures; boxes": [f"{part['pictures']:,}; {part['boxes']:,}" for part in parts]}
    for key, title in _SHARES.items():
        rows[title] = [both("", part.get(key)) for part in parts]
    for key, title in _NUMBERS.items():
        rows[title] = [_number(part.get(key)) for part in parts]
    boxes = manifest["detector"]["boxes"]
    return _SECTION.format(
        score_from=boxes["score_from"],
        most=boxes["most"],
        rows="\n".join(f"| {title} | {' | '.join(cells)} |" for title, cells in rows.items()),
    )


def _number(figure: dict[str, Any] | None) -> str:
    if figure is None:
        return "–"
    low, high = figure["interval"]
    return f"{figure['value']:.2f}\u00a0({low:.2f}–{high:.2f})"
