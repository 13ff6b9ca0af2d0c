"""Answers of a model card's checklist that differ for a release with a detector."""

from typing import Any

from training.publishing.figure_labels import both


def detector_items(manifest: dict[str, Any], items: dict[str, str]) -> dict[str, str]:
    """The items of ``publishing.card.checklist`` with the detector added."""
    config, detector = manifest["config"], manifest["metrics"]["detector"]
    preprocessing = manifest["detector"]["preprocessing"]
    but = "; unknown for the pictures added with `--extra`"
    extra = but if "extra" in manifest["data"] else ""
    return items | {
        "Data sources, setting and dates": "*Data*; FracAtlas: three hospitals in Bangladesh. Hospitals and "
        f"countries of the other collections, and all dates, are unknown here{extra}",
        "Preprocessing": f"{items['Preprocessing']}; for the detector to {preprocessing['stored_size']} and "
        f"{preprocessing['size']} pixels in the same way",
        "Reference standard": "FracAtlas: two radiologists and an orthopaedist. The types, *boxes* and "
        "*multi-region*: the folder or the boxes of an uploader; the annotators, their training and their "
        f"agreement are unknown. Neither CT nor follow-up confirmed any{extra}",
        "Annotation of regions and marks": f"types: {items['Annotation of regions and marks']}. Parts, "
        "views and hardware of FracAtlas: its publishers'",
        "Partitions": f"{items['Partitions']}; FracAtlas by blocks of twenty consecutive numbers, which may "
        "be of one patient",
        "Training": _training(config, items["Training"]),
        "Robustness": f"types: {items['Robustness']}. Detector: there too, by part, view, hardware and size "
        "of the fracture, after markers, rims, crops and rescaling, and on collections left out",
        "Failure analysis": f"types, {items['Failure analysis']}. {_failures(detector)}",
    }


def _training(config: dict[str, Any], types: str) -> str:
    recipe = config["detector"]
    earlier = f" (as {config['types_of']} was trained)" if "types_of" in config else ""
    views = (
        f"{recipe['views']} augmented views of each fractured picture and {recipe['healthy_views']} of each "
        "healthy one"
    )
    if recipe.get("end_to_end"):
        views = "all stages, from augmented views that are generated for each step,"
    return (
        f"{types}{earlier}. Detector: {recipe['epochs']} epochs of all fractures with boxes, "
        f"{recipe['healthy']:,} healthy pictures of FracAtlas and as many of either state of *multi-region*, "
        f"rate up to {recipe['learning_rate']:g}; in steps of {recipe['batch']}, {views} as in "
        "`training/fitting/detection/`, with the same optimiser and average"
    )


def _failures(detector: dict[str, Any]) -> str:
    """The worst results, if they were measured."""
    folds, collections = detector["fracatlas"] or {}, []
    if worst := folds.get("worst_part"):
        collections.append(
            f"AUROC {both('auroc', folds['parts'][worst]['auroc'])} on the {worst}, the worst body part"
        )
    sizes = (folds.get("places") or {}).get("sizes", {})
    if small := sizes.get("small"):
        collections.append(
            f"{both('', small['found'])} of small fractures are found at one false box per picture"
        )
    if not collections:
        return "Detector: not measured"
    return f"Detector: {'; '.join(collections)}"
