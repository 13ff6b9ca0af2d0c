"""The CLAIM checklist for studies of artificial intelligence in medical imaging, answered for a model card.

The items are those of Mongan, Moy and Kahn, Radiology: Artificial Intelligence 2020;2:e200029, and of the
2024 update by Tejani and others, in our words.
"""

from typing import Any

from training.evaluation.mistakes import commonest
from training.publishing.card.detector_checklist import detector_items
from training.publishing.figure_labels import both

_MOST = 5  # most frequent confusions to name


def checklist(manifest: dict[str, Any]) -> str:
    """A Markdown table: each item with its answer, or with the section that has it."""
    items = {
        **_study_items(manifest),
        **_method_items(manifest),
        **_result_items(manifest),
    }
    if manifest["metrics"].get("detector"):
        items = detector_items(manifest, items)
    rows = "\n".join(f"| {item} | {answer} |" for item, answer in items.items())
    return f"| item | answer |\n| --- | --- |\n{rows}"


def _study_items(manifest: dict[str, Any]) -> dict[str, str]:
    """The study, its data and the reference standard."""
    preprocessing = manifest["preprocessing"]
    but = "; unknown for the pictures added with `--extra`" if "extra" in manifest["data"] else ""
    return {
        "Intended use and clinical role": "*Intended use*",
        "Study design and goal": "retrospective, on published collections, to make and to evaluate a model; "
        "no trial, no reader study, no registration, no protocol written beforehand",
        "Data sources, setting and dates": "*Data*; hospitals, countries and dates are unknown"
        + but,
        "Inclusion and exclusion": "every file that can be read; the types exclude copies of a radiograph "
        "(used for training, not for evaluation), radiographs with several types unless label sets are used, "
        "and pictures that a person marked as non-radiographs (`training/datasets/annotations`)",
        "Preprocessing": f"grey values between the {preprocessing['low']:g}th and "
        f"{preprocessing['high']:g}th percentile, letterboxed to "
        f"{preprocessing['stored_size']} pixels of 256 greys and resized to {preprocessing['size']}; "
        "the same in training, evaluation and use",
        "De-identification": "the publishers'; letters may be burned in; no picture is shipped"
        + but,
        "Missing data": "nothing is filled in: a file that can't be read is left out and named",
        "Image acquisition": "unknown; the collections are JPEG files of 8 bits" + but,
        "Reference standard": "the folder that an uploader put a picture in; its source, the annotators, "
        "their training and their agreement are unknown; neither CT nor follow-up confirmed it"
        + but,
        "Annotation of regions and marks": "by the authors, who are not radiologists, once; used for "
        "slices only",
    }


def _method_items(manifest: dict[str, Any]) -> dict[str, str]:
    """How the model was made."""
    config, metrics = manifest["config"], manifest["metrics"]
    return {
        "Partitions": f"{metrics['method']}; disjoint by twins and by panels of a figure, not by patient, "
        "since no picture names its patient",
        "Sample size": "all available pictures; not computed beforehand; the intervals show its effect",
        "Model, initial weights, ensemble": "*Network*",
        "Software": "`requirements-training.txt` of the commit that holds this release",
        "Training": f"{_epochs(config)}; in steps of {config['batch']} pictures, AdamW on one cycle of the "
        f"rate, moving average of the weights, {config['views']} augmented views of each picture as in "
        "`training/fitting/augment.py`; every setting is under `config` in the manifest",
        "Choice of the final model": "the recipe was chosen on folds of these same pictures "
        "(`training/EXPERIMENTS.md`), so the figures are a little too good; no epoch and no fold was chosen",
        "Metrics, uncertainty": "*Figures*",
    }


def _result_items(manifest: dict[str, Any]) -> dict[str, str]:
    """What was evaluated, and what is published."""
    metrics = manifest["metrics"]
    external = (metrics["fracture"] or {}).get("outside")
    return {
        "Robustness": "by body region, drawn marks and size of the file, under *Figures*",
        "Explanation": "*Figures: the activation map*",
        "External data": _external(external, metrics["elsewhere"], metrics.get("detector")),
        "Demographics": "unknown in every collection, so no group of patients can be evaluated",
        "Failure analysis": f"most frequent confusions: {_confusions(metrics['types'])}",
        "Limitations, implications": "*Limits*",
        "Availability": "code, weights, scores: this repository, Apache-2.0; data: from their publishers",
        "Funding": "none declared",
    }


def _external(
    external: dict[str, Any] | None,
    elsewhere: dict[str, Any] | None,
    detector: dict[str, Any] | None,
) -> str:
    collections = [f"{external['pictures']} pictures of the external test set"] if external else []
    if detector:
        collections.append("each of two collections for a network that was not trained on it")
    if elsewhere:
        collections.append(
            f"{elsewhere['pictures']:,} pictures of other hospitals for the finished release"
        )
    return (
        f"{' and '.join(collections)}, for fracture or none alone; none for the types"
        if collections
        else "none"
    )


def _epochs(config: dict[str, Any]) -> str:
    types = f"types: {config['epochs']} epochs, rate up to {config['learning_rate']:g}"
    if not config["fracture_epochs"]:
        return types
    return f"{types}; fractures: {config['fracture_epochs']} and {config['fracture_rate']:g}"


def _confusions(types: dict[str, Any]) -> str:
    named = [
        f"{mistake.true} called {mistake.predicted} ({both('', mistake.share)} of them)"
        for mistake in commonest(types, _MOST)
    ]
    return ", ".join(named)
