"""The model card's text about an external measurement, and about whether the call may be used."""

from typing import Any

from training.evaluation.external.rule import (
    AUROC,
    COLLECTIONS,
    EXTERNAL_TEST,
    GROUPS,
    MOST_REFUSED,
    PICTURES,
    SENSITIVITY_NOT_NEGATIVE,
    SPECIFICITY_POSITIVE,
)
from training.publishing.figure_labels import ELSEWHERE, both, interval, percent, value

SLICE = ("auroc", "sensitivity_positive", "specificity_positive", "doubt", "refused")
_UNMEASURED = (
    "Not measured. `python -m training measure` does it; until then the call may not be used."
)
_SECTION = """The finished release on {pictures} radiographs ({collection}), {fractured} of them with a
fracture. Nothing was trained, tuned or chosen on them.{test_set}
{unread} more files can't be read and were left out.

The AUROC includes all pictures that can be read. Operating points, doubt and calibration include the
{called} with a call; the others are refused as non-radiographs. Intervals resample complete groups
({groups}): blocks of consecutive pictures, which may be of one patient, joined if they share a twin. A call
may be used if the complete interval meets the last column, on at least {least} pictures with and {least}
without a fracture, in at least {fewest} groups.

| figure | value | 95 % interval | needed |
| --- | --- | --- | --- |
{rows}

{slices}"""
_EXTERNAL_TEST = (
    " The few pictures of the external test set, whose figures were known while\nvariants were compared, are "
    "of the same collection and may be among them."
)
_NEEDED = {
    "auroc": f"at least {AUROC:.2f}",
    "sensitivity_not_negative": f"at least {percent(SENSITIVITY_NOT_NEGATIVE)}",
    "specificity_positive": f"at least {percent(SPECIFICITY_POSITIVE)}",
    "refused": f"at most {percent(MOST_REFUSED)}",
}


def usable(manifest: dict[str, Any]) -> str:
    """One paragraph of Markdown: whether the call may be used, and why."""
    call = manifest["call"]
    if call["usable"]:
        return f"**The fracture call may be used.** {call['usable_reason']}"
    return (
        f"**The fracture call may not be used.** {call['usable_reason']} The site therefore treats every "
        "assessable picture as in doubt. The types don't say whether there is a fracture."
    )


def external_section(measured: dict[str, Any] | None, external: bool) -> str:
    """Markdown. ``measured``: the result of ``training.evaluation.external.figures``.

    ``external``: whether the run had an external test set, which is FracAtlas.
    """
    if measured is None:
        return _UNMEASURED
    name = measured["collection"]
    return _SECTION.format(
        pictures=f"{measured['pictures']:,}",
        collection=COLLECTIONS.get(name, name),
        fractured=f"{measured['fractured']:,}",
        test_set=_EXTERNAL_TEST if external and name == EXTERNAL_TEST else "",
        called=f"{measured['called']:,}",
        unread=measured["unread"],
        groups=measured["groups"],
        least=PICTURES,
        fewest=GROUPS,
        rows="\n".join(
            f"| {title} | {value(key, measured[key])} | {interval(key, measured[key])} "
            f"| {_NEEDED.get(key, '')} |"
            for key, title in ELSEWHERE.items()
            if key in measured
        ),
        slices="\n\n".join(_slices(kind, parts) for kind, parts in measured["slices"].items()),
    )


def _slices(kind: str, parts: dict[str, Any]) -> str:
    heads = " | ".join([*(ELSEWHERE[key] for key in SLICE[:-1]), "refused"])
    lines = [
        f"| {kind} | pictures | fractured | {heads} |",
        "| --- | --- | --- |" + " --- |" * len(SLICE),
    ]
    for name, part in parts.items():
        shown = " | ".join(both(key, part.get(key)) for key in SLICE)
        lines.append(f"| {name} | {part['pictures']:,} | {part['fractured']:,} | {shown} |")
    return "\n".join(lines)
