"""The model card, written from the manifest, so that no figure in it is typed by hand."""

from typing import Any

_CARD = """# {name} {version}

Names one of ten fracture types on a radiograph that shows a fracture, for the order of a worklist and
as a second look. It is no medical device and no diagnosis; a clinician concludes.

## Intended use

Research and demonstration: sorting radiographs that already raise the suspicion of a fracture, read by
clinicians who form their own opinion first.

## Limits

* **It knows no healthy bone.** The data has no normal class, so every picture gets a fracture type, a
  healthy bone too. `fracture_probability` and `call` are empty for that reason.
* It does not notice a picture that is no bone radiograph.
* The pictures are web and journal figures: many bear arrows, captions or watermarks, which a network
  can learn instead of bone. Scanner, hospital, age and sex are unknown, so nothing is known of how the
  figures hold for any group of patients, or in any clinic.
* Labels are one uploader's, unchecked; some pictures show one bone under two types and were left out.

## Network

EfficientNet-Lite0 (Tan and Le, 2019) from ImageNet weights, global average pooling, one linear head;
input {size} × {size}. The activation map is the exact decomposition of the class's logit. The served
weights were trained on all {pictures} pictures by the recipe of the folds that the figures come from.

## Data

{data}.

{pictures} distinct pictures in {groups} groups (twins of one radiograph and panels of one figure share
a group). Copies and pictures with contradictory labels were left out. CC BY 4.0 by the uploader's
statement; file names show journal and web origins, so the rights upstream are unclear. No picture is
part of this release. SHA-256 of the sorted list of the pictures' hashes and classes:

    {data_sha256}

## Figures

{method}.

| figure | value | 95 % interval |
| --- | --- | --- |
{main}

Accuracy of each fold: {folds}.

| class | pictures | precision | recall | F1 |
| --- | --- | --- | --- | --- |
{classes}

Always naming the most frequent class would give {majority}. Accuracies above 85 % that are reported for
this data set come from twins of one radiograph on both sides of a random split. Resampling
tends to enlarge a calibration error, so that its interval lies high.

Temperature {temperature:.3f}. A prediction set holds every class with a probability of at least
{threshold:.3f} ({set_method}).
Its coverage above is that of the folds' networks; the served network, which saw more pictures, has none
left to check it on.

`out_of_fold.csv` holds the scores that all figures can be recomputed from.
"""

_NAMES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro-F1",
    "top3_accuracy": "true class among the first three",
    "ece": "expected calibration error (15 bins)",
    "set90_coverage": "prediction set holds the true class",
    "set90_size": "classes in a prediction set",
}


def model_card(manifest: dict[str, Any]) -> str:
    """Markdown."""
    metrics = manifest["metrics"]
    largest = max(each["pictures"] for each in metrics["classes"].values())
    return _CARD.format(
        name=manifest["name"],
        version=manifest["version"],
        size=manifest["preprocessing"]["size"],
        data=manifest["data"]["name"],
        data_sha256=manifest["data"]["sha256"],
        pictures=metrics["pictures"],
        groups=metrics["groups"],
        method=metrics["method"],
        main="\n".join(_main_row(key, metrics[key]) for key in _NAMES),
        folds=", ".join(_percent(each) for each in metrics["folds"]),
        classes="\n".join(_class_row(*each) for each in metrics["classes"].items()),
        majority=_percent(largest / metrics["pictures"]),
        temperature=manifest["temperature"],
        threshold=manifest["prediction_set"]["threshold"],
        set_method=manifest["prediction_set"]["method"],
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _main_row(key: str, figure: dict[str, Any]) -> str:
    low, high = figure["interval"]
    if key == "set90_size":
        return f"| {_NAMES[key]} | {figure['value']:.2f} | {low:.2f} to {high:.2f} |"
    return f"| {_NAMES[key]} | {_percent(figure['value'])} | {_percent(low)} to {_percent(high)} |"


def _class_row(name: str, figures: dict[str, float]) -> str:
    columns = (_percent(figures[key]) for key in ("precision", "recall", "f1"))
    return f"| {name} | {figures['pictures']} | {' | '.join(columns)} |"
