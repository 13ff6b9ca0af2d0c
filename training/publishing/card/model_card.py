"""The model card, written from the manifest, so that no figure in it is typed by hand."""

from typing import Any

from classifier.labels import CLASSES
from training.fitting.explain import SHARES
from training.publishing.card import detector as detector_card
from training.publishing.card import detector_text as card_text
from training.publishing.card import fracture as fracture_card
from training.publishing.card import label_sets as label_sets_card
from training.publishing.card.checklist import checklist
from training.publishing.card.coarse_groups import coarse_section
from training.publishing.card.external import usable
from training.publishing.card.indications import indications_section
from training.publishing.figure_labels import (
    ASSESSABLE,
    EXPLANATION,
    SPLIT,
    TYPES,
    both,
    class_row,
    interval,
    percent,
    row,
    value,
)
from training.publishing.plots import plot_file, plots

_CARD = """# {name} {version}

Says of a radiograph of a bone whether it can be assessed, how likely it shows a fracture, and which of
ten fracture types it looks like. For the order of a worklist and as a second look. It is no medical
device and no diagnosis; a clinician concludes.

{usable}

## Intended use

Research and demonstration: sorting radiographs that raise the suspicion of a fracture, read by
clinicians who form their own opinion first. Not for children's growth plates, not for follow-up of
healing, not as the only reader, not for any picture that is no plain radiograph of a bone.{indications}

## Limits

{limit_sources}
{limit_labels}
* The ten types were learnt from fractures only. On a healthy bone they mean nothing: read the call first.
{limits_fracture}
* Refusal was learnt from few real foreign pictures and many drawn ones (chests and slices above all). Of
  spines, skulls and jaws there were few to learn from: look at how many are refused, by body region. A
  screenshot that shows a bone radiograph passes. A film whose grey values are turned over, in a file
  that does not say so, is refused more often than it should be.
* {conflicts}

## Network

{backbone} (Tan and Le, 2019) from ImageNet weights, input {size} × {size}. {ensemble}

Global average pooling and one linear head over all maps: the activation map is the exact decomposition
of a type's logit (Zhou et al., 2016) and equals Grad-CAM. The refusal head is a logistic regression on
channel means and deviations inside the network. The served weights were trained on all pictures by the
recipe of the folds that the figures come from.

## Data

| part | pictures | for |
| --- | --- | --- |
{data}

*types*: Bone Break Classification (Kaggle pkdarabi/bone-break-classification-image-dataset), CC BY 4.0 by
the uploader's statement; file names show journal and web origins, so the rights upstream are unclear.
{types_pictures} distinct radiographs in {types_groups} groups (twins of one radiograph and panels of one
figure share a group) are learnt from and measured on. {collections}
*foreign*: photographs that come with scikit-image and scikit-learn, drawn documents, slices, chests and
noise, the CT, MR and chest pictures that were found among the radiographs, and NEMA's CT and MR samples for
DICOM decoders.
{extra}No picture is part of this release. The SHA-256 in the manifest name exactly what was used.

{wanted}## Figures: the ten types

{method}.

| figure | value | 95 % interval |
| --- | --- | --- |
{types}

Accuracy of each fold: {folds}. Always naming the most frequent class would give {majority}.

| class | pictures | precision (95 % interval) | recall | F1 | AUROC |
| --- | --- | --- | --- | --- | --- |
{classes}

{plots_types}

{coarse}{label_sets}{slices}

Accuracies above 85 % that are reported for this data set come from twins of one radiograph on both
sides of a random split (`python -m training audit` shows it). Each figure is that of one repeat, and the mean
of the repeats; reliability diagrams and slices lay the repeats together. Resampling tends to enlarge a
calibration error, so that its interval lies high, and to shrink the least of ten coverages, so that its lies
low.

## Figures: the data set's own Test split

A network trained on the shipped Train split. {leaked}

{shipped}

## Figures: fracture or none{and_where}

{fracture_section}

## Figures: refusal

| figure | value | 95 % interval |
| --- | --- | --- |
{assessable}

| against bone radiographs | pictures | groups | refused (95 % interval) | with the right reason | AUROC |
| --- | --- | --- | --- | --- | --- |
{refusal_parts}

A source is held out whole, but the drawn ones of a kind come from one program with other settings, and views
of one picture are many: **what nobody drew is the figure to go by**, of the reason too. The head's strength
and the share of bones that it may refuse were chosen by these same pictures, so that they flatter it. A DICOM
file whose header says CT, MR or chest is refused by its header, whatever it looks like.{outside_refusals}

{refused_regions}

## Figures: the activation map

{explanation}

## Calibration

Temperature {temperature:.3f} (Guo et al., 2017). A prediction set holds every class whose probability
reaches that class's own threshold ({set_method}). Its coverage above is that of the folds' networks;
the served network, which saw more pictures, has none left to check it on.

## Checklist

What CLAIM (Mongan, Moy and Kahn, 2020; Tejani et al., 2024) asks for; a word in italics names the section.

{checklist}

The `scores_*.csv` beside this card hold the scores that all figures can be recomputed from:
`python -m training evaluate --scores` this folder.
"""

_LEAKED = """Its leaked rows flatter; its clean rows count.
*Clean* says that the audit finds no twin in Train. The split is measured as it was shipped: its few CT, MR
and chest pictures count, and so does a picture whose twin was filed under another type."""
_SHIPPED = ("accuracy", "macro_f1", "top3_accuracy")
_PLOTS = {
    "confusion": "Confusion matrix",
    "reliability": "Reliability diagram of the ten types",
    "coverage": "Accuracy against coverage",
    "deletion": "Probability of the top class when parts are hidden",
}
_EXTRA = """*extra*: {pictures} of the types and bones come from folders given to `fit --extra`, such
as signed opinions of a clinic; what is said here of the collections, their licences, labels and files is not
said of them.
"""
_FOR_DETECTOR = {
    "bones": "refusal",
    "multi-region": "fracture or none",
    "fracatlas": "fracture or none, and where; refusal",
    "boxes": "where a fracture is; refusal",
}
_FOR = {
    "types": "the ten types; what is no radiograph teaches refusal",
    "bones": "fracture or none; what is no radiograph teaches refusal",
    "foreign": "refusal",
    "drawn": "refusal: bones that Callus draws, so that what is drawn is not foreign for that",
    "outside": "measuring only",
    "elsewhere": "measuring the finished release only",
    "extra": "counted among the two first",
}


def model_card(manifest: dict[str, Any]) -> str:
    """Markdown."""
    metrics, data = manifest["metrics"], manifest["data"]
    types, refusal, shipped = metrics["types"], metrics["assessable"], metrics["shipped"]
    taught = _FOR | (_FOR_DETECTOR if metrics.get("detector") else {})
    largest = max(each["pictures"] for each in types["classes"].values())
    return _CARD.format(
        name=manifest["name"],
        version=manifest["version"],
        **_network(manifest),
        conflicts=label_sets_card.limit(manifest),
        extra=_EXTRA.format(**data["extra"]) if "extra" in data else "",
        data="\n".join(
            f"| {name} | {part['pictures']} | {taught[name]} |" for name, part in data.items()
        ),
        types_pictures=types["pictures"],
        types_groups=types["groups"],
        method=metrics["method"],
        types="\n".join(row(name, key, types[key]) for key, name in TYPES.items()),
        folds=", ".join(percent(each) for each in types["folds"]),
        majority=percent(largest / types["pictures"]),
        classes="\n".join(class_row(name, types["classes"][name]) for name in CLASSES),
        coarse=coarse_section(metrics),
        label_sets=label_sets_card.label_sets_section(metrics),
        slices="\n\n".join(_slice_table(kind, each) for kind, each in types["slices"].items()),
        leaked=_LEAKED if shipped else "",
        shipped=_shipped_table(shipped),
        **_fracture(manifest),
        indications=indications_section(manifest),
        usable=usable(manifest),
        assessable="\n".join(
            row(name, key, refusal[key]) for key, name in ASSESSABLE.items() if key in refusal
        ),
        plots_types=_pictures(["confusion", "reliability", "coverage"], metrics),
        explanation=_explanation(metrics),
        refusal_parts="\n".join(
            f"| {name} | {part['pictures']} | {part['groups']} | {both('refused', part['refused'])} "
            f"| {both('reason', part.get('reason'))} | {both('auroc', part['auroc'])} |"
            for name, part in refusal["parts"].items()
        ),
        outside_refusals=_outside_refusals(refusal),
        refused_regions=_refused_regions(refusal["regions"]),
        temperature=manifest["temperature"],
        set_method=manifest["prediction_set"]["method"],
        checklist=checklist(manifest),
    )


def _fracture(manifest: dict[str, Any]) -> dict[str, str]:
    """What depends on what makes the call: a detector, or a head on the types' maps."""
    metrics = manifest["metrics"]
    if detector := metrics.get("detector"):
        return {
            "and_where": ", and where",
            "limit_sources": card_text.LIMIT_SOURCES,
            "limit_labels": card_text.LIMIT_LABELS,
            "wanted": detector_card.targets_section(metrics),
            "limits_fracture": detector_card.limits(detector),
            "collections": card_text.COLLECTIONS,
            "fracture_section": detector_card.section(manifest),
        }
    return {
        "and_where": "",
        "limit_sources": fracture_card.LIMIT_SOURCES,
        "limit_labels": fracture_card.LIMIT_LABELS,
        "wanted": "",
        "limits_fracture": fracture_card.limits(metrics["fracture"]),
        "collections": fracture_card.collections(metrics["fracture"]),
        "fracture_section": fracture_card.section(manifest),
    }


def _network(manifest: dict[str, Any]) -> dict[str, Any]:
    config = manifest["config"]
    networks = [f"{config['members']} that have learnt the ten types"]
    heads = "The types head is the mean of theirs, the fracture head a logistic regression on their maps."
    if manifest["metrics"].get("detector"):
        heads = "The types head is the mean of theirs."
    elif config["fracture_epochs"]:
        networks.append("one that has learnt fracture or none")
        heads = (
            "The types head is the mean of the first ones' own; the fracture head is the mean of the last "
            "one's own and of a logistic regression on the first ones' maps."
        )
    ensemble = (
        f"An ensemble of {' and '.join(networks)}; they share the first {config['frozen_blocks']} blocks, "
        f"which keep their ImageNet weights. {heads}"
    )
    if config["mirrored"]:
        ensemble += " Each picture and its mirror image are looked at, and the mean is taken."
    if earlier := config.get("types_of"):
        ensemble += f" These networks and all figures of the ten types are those of {earlier}."
    if manifest["metrics"].get("detector"):
        ensemble += f"\n\n{detector_card.network(manifest)}"
    backbone = config["backbone"].replace("efficientnet-lite", "EfficientNet-Lite")
    return {
        "backbone": backbone,
        "size": manifest["preprocessing"]["size"],
        "ensemble": ensemble,
    }


def _slice_table(kind: str, parts: dict[str, Any]) -> str:
    lines = [f"| {kind} | pictures | accuracy | 95 % interval |", "| --- | --- | --- | --- |"]
    for name, part in parts.items():
        figure = part["accuracy"]
        shown = f"{value('accuracy', figure)} | {interval('accuracy', figure)}"
        lines.append(f"| {name} | {part['pictures']} | {shown} |")
    return "\n".join(lines)


def _pictures(names: list[str], metrics: dict[str, Any]) -> str:
    """Markdown of the plots that lie beside the card."""
    there = plots(metrics)
    return "\n".join(f"![{_PLOTS[name]}]({plot_file(name)})" for name in names if name in there)


def _shipped_table(shipped: dict[str, Any] | None) -> str:
    if not shipped:
        return "The data has no such split."
    heads = "".join(f" {TYPES[key]} | 95 % interval |" for key in _SHIPPED)
    lines = [f"| rows | pictures |{heads}", "| --- | --- |" + " --- | --- |" * len(_SHIPPED)]
    for name, part in shipped.items():
        cells = [value(key, part[key]) + " | " + interval(key, part[key]) for key in _SHIPPED]
        lines.append(f"| {SPLIT[name]} | {part['pictures']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _explanation(metrics: dict[str, Any]) -> str:
    figures = metrics["explanation"]
    if not figures:
        return "Not measured."
    lines = [
        f"Cells of the map are blurred away, the strongest first or at random, up to {SHARES[-1]:.0%} of "
        f"{figures['pictures']} held-out pictures (deletion: Petsiuk et al., 2018). A map that points at "
        "what the network looked at makes the top class's probability fall faster.\n",
        "| figure | value | 95 % interval |",
        "| --- | --- | --- |",
        *(row(name, key, figures[key]) for key, name in EXPLANATION.items()),
        "",
        _pictures(["deletion"], metrics),
    ]
    return "\n".join(lines)


def _outside_refusals(refusal: dict[str, Any]) -> str:
    share = refusal.get("false_refusals_outside")
    shown = both("refused", share) if share else ""
    return f" Of the outside set {shown} are refused, all wrongly." if share else ""


def _refused_regions(regions: dict[str, Any]) -> str:
    if not regions:
        return "Body regions are not known."
    lines = [
        "| bone radiographs of | pictures | groups | refused (95 % interval) |",
        "| --- |" + " --- |" * 3,
    ]
    for name, part in regions.items():
        shown = both("refused", part["refused"])
        lines.append(f"| {name} | {part['pictures']} | {part['groups']} | {shown} |")
    return "\n".join(lines)
