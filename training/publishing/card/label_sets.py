"""The model card's text about radiographs that are filed under several of the ten types."""

from typing import Any

from training.publishing.figure_labels import LABEL_SETS, row

_SECTION = """{conflicts} more radiographs have several types as labels ({labels:.1f} on average). It is
unknown which is right, and the figures above don't include them. They are scored by
networks that were not trained on their group. Against label sets a prediction is correct if it is any of the
radiograph's labels:

| figure | radiographs | value | 95 % interval |
| --- | --- | --- | --- |
{figures}

"""


def label_sets_section(metrics: dict[str, Any]) -> str:
    """Markdown with an empty line at its end; empty if no such radiograph was scored."""
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
        return "A radiograph with several types as labels was trained with all of them."
    if manifest["metrics"].get("label_sets"):
        return (
            "Radiographs with several types as labels were not trained on. Only the figure *accuracy against "
            "label sets* includes them."
        )
    return "Radiographs with several types as labels were left out."
