"""The model card's text about where a release may be used: the manifest's table of indications."""

from typing import Any

_SECTION = """

### Where it may be used

Evaluated on the folds of FracAtlas. A picture of two body parts or projections counts for both.

| measured: body part | projection | age | pictures | fractured |
| --- | --- | --- | --- | --- |
{measured}

| excluded: not classified | reason |
| --- | --- |
{excluded}

Every other picture is classified, and is *not measured*: the page says what was not evaluated. An unknown
value of a picture excludes nothing."""
_MOST = 6  # values in one cell: there are many modalities besides radiography
_NOTHING = "| – | – | – | – | – |"


def indications_section(manifest: dict[str, Any]) -> str:
    """Markdown; empty for a release without a table."""
    table = manifest.get("indications")
    if table is None:
        return ""
    return _SECTION.format(
        measured="\n".join(_measured(cell) for cell in table["measured"]) or _NOTHING,
        excluded="\n".join(_excluded(cell) for cell in table["excluded"]),
    )


def _measured(cell: dict[str, Any]) -> str:
    named = (_listed(cell.get(name)) for name in ("body_part", "projection", "age_band"))
    return f"| {' | '.join(named)} | {cell['pictures']:,} | {cell['fractured']:,} |"


def _excluded(cell: dict[str, Any]) -> str:
    named = [
        f"{name.replace('_', ' ')}: {_listed(cell[name])}" for name in cell if name != "reason"
    ]
    return f"| {'; '.join(named)} | {cell['reason']} |"


def _listed(value: str | list[str] | None) -> str:
    """The values of a dimension. A dimension without values means any."""
    if value is None:
        return "any"
    values = [value] if isinstance(value, str) else value
    more = len(values) - _MOST
    shown = ", ".join(name.replace("_", " ") for name in values[:_MOST])
    return f"{shown} and {more} more" if more > 0 else shown
