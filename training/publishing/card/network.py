"""The model card's text about the networks of a release."""

from typing import Any

from training.publishing.card import detector as detector_card


def network(manifest: dict[str, Any]) -> dict[str, Any]:
    """``backbone``, ``size`` and ``ensemble`` of the card's template."""
    config = manifest["config"]
    networks = [f"{config['members']} for the ten types"]
    heads = "The types head is the mean of theirs, the fracture head a logistic regression on their maps."
    if manifest["metrics"].get("detector"):
        heads = "The types head is the mean of theirs."
    elif config["fracture_epochs"]:
        networks.append("one for fracture or none")
        heads = (
            "The types head is the mean of the types networks' heads. The fracture head is the mean of "
            "the last network's head and a logistic regression on the maps of the others."
        )
    ensemble = (
        f"An ensemble of {' and '.join(networks)}; they share the first {config['frozen_blocks']} blocks, "
        f"which keep their ImageNet weights. {heads}"
    )
    if config["mirrored"]:
        ensemble += " The outputs are the mean over each picture and its mirror image."
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
