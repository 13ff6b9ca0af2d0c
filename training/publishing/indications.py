"""The table of indications of a release: what is excluded, and what was measured.

``docs/decisions/0021-where-a-release-may-be-used.md`` explains when a cell counts as measured.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from classifier.indication_table import BUILT_IN, KEY, read_indications

# A collection's word for a region → the body parts that its pictures show completely, after looking at 48
# pictures of each. FracAtlas' "hand" reaches to the elbow, its "leg" from the knee to the foot. There are no
# single fingers and toes.
REGIONS: Mapping[str, tuple[str, ...]] = {
    "hand": ("hand", "wrist", "forearm", "elbow"),
    "leg": ("leg", "knee", "ankle", "foot"),
    "hip": ("hip", "pelvis"),
    "shoulder": ("shoulder", "clavicle"),
}
PROJECTIONS = ("frontal", "lateral", "oblique")
# The collection has no ages. Most of its patients are adults, so its figures are figures of adults. They say
# nothing of growth plates or of old people's bones.
AGE_BANDS = ("adult",)
# A figure of fewer than a hundred pictures says little (Vergouwe and others, J Clin Epidemiol 2005;58:475).
# With twenty fractures the 95 % interval of a sensitivity of 85 % is 62 to 97 %. With fewer, it shows no
# difference that a clinic would act on.
PICTURES, FRACTURED = 100, 20


def indications_table(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The manifest's ``indications``.

    A picture of several regions or views counts for each, as it does in the figures by region.

    Args:
        rows: of FracAtlas' ``manifest.csv``, those that were measured on: ``fractured``, a column for each of
            REGIONS and of PROJECTIONS, each "0" or "1" (or a number).

    Raises:
        KeyError, ValueError: a row lacks a column, or holds something else than 0 or 1.
    """
    counts = {(region, view): [0, 0] for region in REGIONS for view in PROJECTIONS}
    for row in rows:
        fractured = _flag(row, "fractured")
        for (region, view), count in counts.items():
            if _flag(row, region) and _flag(row, view):
                count[0] += 1
                count[1] += fractured
    measured = [
        {**_words(region, view), "pictures": pictures, "fractured": fractured}
        for (region, view), (pictures, fractured) in counts.items()
        if pictures >= PICTURES and fractured >= FRACTURED
    ]
    table = {"excluded": [dict(entry) for entry in BUILT_IN], "measured": measured}
    read_indications({KEY: table})  # the table must be readable
    return table


def _flag(row: Mapping[str, Any], column: str) -> bool:
    value = int(row[column])
    if value not in (0, 1):
        raise ValueError(f"{column} is {value}, neither 0 nor 1.")
    return bool(value)


def _words(region: str, view: str) -> dict[str, list[str]]:
    return {
        "body_part": list(REGIONS[region]),
        "projection": [view],
        "age_band": list(AGE_BANDS),
    }
