"""The model card's text about the networks of a release."""

from typing import Any

from training.publishing.card import detector as detector_card


def network(manifest: dict[str, Any]) -> dict[str, Any]:
    """``backbone``, ``size`` and ``ensemble`` of the card's template."""
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
