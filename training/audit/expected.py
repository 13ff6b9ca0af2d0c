"""The number of pictures of the known data sets, as their uploaders count them."""

from dataclasses import dataclass

from training.datasets.layout import Picture

Counts = dict[tuple[str, str], int]


@dataclass(frozen=True)
class Expected:
    """``counts``: pictures by (class in lower case, split). ``note``: known faults of the data set."""

    name: str
    counts: Counts
    note: str = ""


_BONE_BREAK = {  # class: Train, Test; 1,129 in all
    "avulsion fracture": (109, 14),
    "comminuted fracture": (134, 14),
    "fracture dislocation": (137, 19),
    "greenstick fracture": (106, 16),
    "hairline fracture": (101, 10),
    "impacted fracture": (75, 9),
    "longitudinal fracture": (68, 12),
    "oblique fracture": (69, 16),
    "pathological fracture": (116, 18),
    "spiral fracture": (74, 12),
}
KNOWN = (
    Expected(
        "the download of Bone Break Classification",
        {
            (label, split): count
            for label, both in _BONE_BREAK.items()
            for split, count in zip(("Train", "Test"), both, strict=True)
        },
    ),
    Expected(
        "the download of FracAtlas",
        {("fractured", ""): 717, ("non_fractured", ""): 3366},
        "Some of its JPEG files are cut off in the original as well.",
    ),
    Expected(
        "the download of Fracture Multi-Region X-ray Data",
        {("", "Train"): 9246, ("", "Val"): 828, ("", "Test"): 506},
        "Its uploader counts by split only, and some files are damaged in the original as well.",
    ),
)
_MULTI_REGION = {"fractured", "not fractured"}


def expected_of(pictures: list[Picture]) -> Expected | None:
    """The known data set with these classes and splits, or None."""
    labels = {picture.label.lower() for picture in pictures}
    splits = {picture.split for picture in pictures}
    bone_break, atlas, multi = KNOWN
    if len(labels & set(_BONE_BREAK)) >= len(_BONE_BREAK) // 2 and labels <= set(_BONE_BREAK):
        return bone_break
    if labels == {"fractured", "non_fractured"} and splits == {""}:
        return atlas
    if labels == _MULTI_REGION and splits <= {"Train", "Val", "Test"} and splits != {""}:
        return multi
    return None


def shortfalls(pictures: list[Picture], expected: Expected) -> list[str]:
    """A sentence for each class or split with another number of pictures than the download."""
    found: Counts = {}
    for picture in pictures:
        for place in ((picture.label.lower(), picture.split), ("", picture.split)):
            found[place] = found.get(place, 0) + 1
    return [
        f"{_where(place)} holds {found.get(place, 0):,} of {count:,} pictures."
        for place, count in expected.counts.items()
        if found.get(place, 0) != count
    ]


def _where(place: tuple[str, str]) -> str:
    return "/".join(part for part in place if part)
