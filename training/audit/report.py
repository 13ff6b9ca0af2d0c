"""The audit's page: counts first, then sheets of what is leaked, contradictory, unreadable or drawn on."""

from collections import Counter

from training.audit.findings import Findings
from training.audit.groups import Entry
from training.audit.marks import MARK_TYPES
from training.audit.sheets import conflict_sheet, leak_sheet, mark_sheet, pair_sheet, twin_sheet
from training.page.frame import Section, folded, page, paragraph
from training.page.plots import Bar, share_bars
from training.page.tables import Cell, table, tiles

_NOTICE = (
    "This page holds patients' pictures. It is for those who may see the data; runs/ is not under "
    "version control, and the page belongs nowhere else."
)
_MARK_TITLES = {"colour": "Colour", "arrow": "Arrows", "text": "Rows of letters"}


def report(findings: Findings) -> str:
    """A whole HTML document."""
    counts = findings.counts
    lead = (
        f"{findings.folder.name}: {counts['pictures']:,} readable pictures of "
        f"{counts['radiographs']:,} distinct radiographs in {counts['groups']:,} groups."
    )
    sections = [
        Section("counts", "Counts", _counts(findings)),
        Section("leaks", "Leakage between splits", _leaks(findings)),
        Section("conflicts", "One radiograph, several classes", _conflicts(findings)),
        Section("unreadable", "Unreadable files", _unreadable(findings)),
        Section("marks", "Drawn-on marks", _marks(findings)),
        Section("experiment", "What leakage is worth", _experiment(findings)),
        Section("twins", "Twins", _twins(findings)),
    ]
    if findings.given:
        sections.append(Section("given", "Against the manifest that was there", _given(findings)))
    return page("Audit of a data set", lead, _NOTICE, sections)


def _counts(findings: Findings) -> str:
    counts = findings.counts
    named: list[tuple[Cell, str]] = [
        (counts["pictures"], "readable pictures"),
        (counts["radiographs"], "distinct radiographs"),
        (counts["groups"], "groups: twins, and panels of one figure"),
        (counts["exact_copies"], "files that are a copy of another, byte for byte"),
        (counts["leaked"], f"of {counts['held_out']:,} held-out pictures have a twin in Train"),
        (counts["conflicting"], "pictures of radiographs that lie in several classes"),
        (counts["unreadable"], "unreadable files"),
        (counts["marked"], "pictures with drawn-on marks, at least"),
        (counts["kept"], "pictures left to learn from: one a radiograph, no contradiction"),
    ]
    return tiles(named) + _by_class(findings.entries)


def _by_class(entries: list[Entry]) -> str:
    rows: list[list[Cell]] = []
    for label in sorted({entry.trait.picture.label for entry in entries}):
        those = [entry for entry in entries if entry.trait.picture.label == label]
        splits = Counter(entry.trait.picture.split or "all" for entry in those)
        rows.append(
            [
                label,
                " + ".join(
                    f"{count} {split}" for split, count in sorted(splits.items(), reverse=True)
                ),
                len({entry.dup for entry in those}),
                sum(entry.conflict for entry in those),
                sum(bool(entry.trait.marks) for entry in those),
                sum(entry.keep for entry in those),
            ]
        )
    heads = [
        "Class",
        "Pictures",
        "Radiographs",
        "In several classes",
        "Marked",
        "Left to learn from",
    ]
    return table(heads, rows)


def _leaks(findings: Findings) -> str:
    counts = findings.counts
    if not counts["held_out"]:
        return paragraph("The folder has no Test or Val split, so nothing can leak into one.")
    if not counts["leaked"]:
        return paragraph("No held-out picture has a twin in Train.")
    text = (
        f"{counts['leaked']:,} of {counts['held_out']:,} held-out pictures "
        f"({counts['leaked'] / counts['held_out']:.0%}) show a radiograph that Train holds as well. "
        "A network is right about these by having seen them. The held-out picture is on the left."
    )
    return paragraph(text) + leak_sheet(findings.entries, findings.pairs)


def _conflicts(findings: Findings) -> str:
    counts = findings.counts
    if not counts["conflicting"]:
        return paragraph("No radiograph lies in two classes.")
    text = (
        f"{counts['conflicting']:,} pictures of {counts['conflicting_radiographs']:,} radiographs: the same "
        "bone bears different labels. Some may be right, since a fracture may be of two types; no "
        "classifier of one answer can be right about them all."
    )
    return paragraph(text) + conflict_sheet(findings.entries)


def _unreadable(findings: Findings) -> str:
    if not findings.unreadable:
        return paragraph("Every file is a whole picture.")
    rows: list[list[Cell]] = [[file.picture.path, file.reason] for file in findings.unreadable]
    return paragraph("These are left out of everything else.") + table(["File", "Why"], rows)


def _marks(findings: Findings) -> str:
    text = (
        "A network can learn an arrow in place of the bone. Found are colour in a grey picture, and "
        "compact shapes of pure white or black with a hard edge: arrows, and letters in a row. Missed "
        "are thin lines, grey or translucent marks, letters at the edge and single ones. So these are "
        "lower bounds, and some are wrong: a screw can look like an arrow."
    )
    parts = [paragraph(text)]
    for kind in MARK_TYPES:
        count = sum(kind in entry.trait.marks for entry in findings.entries)
        if count:
            title = f"{_MARK_TITLES[kind]}: {count:,} pictures"
            parts.append(folded(title, mark_sheet(findings.entries, kind)))
    return "".join(parts)


def _experiment(findings: Findings) -> str:
    if not findings.accuracies:
        return paragraph("There are too few groups or classes for this experiment.")
    by_name = {accuracy.name: accuracy for accuracy in findings.accuracies}
    leaky, grouped = by_name["leaky"], by_name["grouped"]
    text = (
        "Nothing is trained here. Each picture takes the class of the nearest other one, by the features "
        "of a network that has seen no radiograph (EfficientNet-Lite0, ImageNet), in ten folds. With one "
        "augmented copy of each picture (turned by up to 10°, mirrored, cropped, lighter or darker) and "
        f"a random split, that is right {leaky.value:.1%} of the time: it finds the copy. With the same "
        f"pictures split by group, so that no twin and no copy is on both sides, {grouped.value:.1%}. "
        "Reports of 85 % and more of such data are the first kind of figure."
    )
    bars = [
        Bar(accuracy.title, accuracy.value, accuracy.low, accuracy.high, accuracy.name == "grouped")
        for accuracy in findings.accuracies
    ]
    description = "; ".join(
        f"{accuracy.title}: {accuracy.value:.1%}" for accuracy in findings.accuracies
    )
    rows: list[list[Cell]] = [
        [
            accuracy.title,
            f"{accuracy.value:.1%}",
            f"{accuracy.low:.1%} – {accuracy.high:.1%}",
            accuracy.pictures,
        ]
        for accuracy in findings.accuracies
    ]
    heads = ["Split", "Accuracy", "95 % interval, by group", "Pictures"]
    return paragraph(text) + share_bars(bars, description) + table(heads, rows)


def _twins(findings: Findings) -> str:
    text = (
        f"{len(findings.pairs):,} pairs show one radiograph: the same file, or turned, mirrored, stretched, "
        "cropped, or a panel of the other. Candidates are near each other by the frozen network's features "
        "in any of eight orientations; then one is laid over the other by local features, and the fine "
        "detail must agree to 0.5 or more. Twins that share less than about a seventh of "
        "their area are missed."
    )
    return paragraph(text) + twin_sheet(findings.entries, findings.pairs)


def _given(findings: Findings) -> str:
    rows: list[list[Cell]] = [
        [
            {"dup_id": "one radiograph", "group_id": "one group"}[column],
            len(agreement.both),
            len(agreement.theirs),
            len(agreement.ours),
            f"{agreement.recall:.1%}",
        ]
        for column, agreement in findings.given.items()
    ]
    heads = ["Pairs of", "in both", "only in the given", "only found here", "found of the given"]
    parts = [
        paragraph(
            "The folder came with a manifest.csv. It was not looked at before this comparison."
        ),
        table(heads, rows),
    ]
    twins = findings.given["dup_id"]
    for title, paths in (
        ("Only in the given: one radiograph?", twins.theirs),
        ("Only found here", twins.ours),
    ):
        if paths:
            parts.append(folded(title, pair_sheet(findings.entries, sorted(paths))))
    return "".join(parts)
