"""The model card's text about radiographs that are filed under several of the ten types."""

from typing import Any

from training.publishing.figure_labels import LABEL_SETS, row

_SECTION = """{conflicts} more radiographs are filed under several types ({labels:.1f} on average). Nothing
says which is right, and none of the figures above counts them. They are scored by networks that have learnt
from nothing of their group. Against label sets a call is right if it names any type that the radiograph is
filed under:

| figure | radiographs | value | 95 % interval |
| --- | --- | --- | --- |
{figures}

"""


def label_sets_section(metrics: dict[str, Any]) -> str:
    """Markdown with an empty line at its end; empty where no such radiograph was scored."""
    found = metrics.get("label_sets")
    if not found:
        return ""
    counts = {"accuracy": found["pictures"], "accuracy_on_conflicts": found["conflicts"]}
    return _SECTION.format(
        conflicts=found["conflicts"],
        labels=found["labels"],
        figures="\n".join(
            row(f"{name} | {counts[key]}", key, found[key]) for key, name in LABEL_SETS.items()
        ),
    )


def limit(manifest: dict[str, Any]) -> str:
    """The limit that such radiographs set, as a sentence."""
    if manifest["config"]["label_sets"]:
        return "A radiograph that was filed under several types bears them all."
    if manifest["metrics"].get("label_sets"):
        return (
            "Radiographs that were filed under several types taught nothing. Of the folds' figures, accuracy "
            "against label sets alone counts them."
        )
    return "Radiographs that were filed under several types were left out."
