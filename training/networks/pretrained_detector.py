"""A detector before training: ImageNet's or the user's weights in its backbone, everything else new."""

import torch

from classifier.detector import DetectorNetwork
from training.networks.own_backbone import OwnBackbone
from training.networks.pretrained import imagenet_weights


def pretrained_detector(own: OwnBackbone | None = None) -> DetectorNetwork:
    """With the user's ``own`` backbone, else EfficientNet-Lite0 with the weights of its pip package."""
    if own is not None:
        return own.detector()
    network = DetectorNetwork()
    network.load_state_dict(_in_stages(network, imagenet_weights()), strict=False)
    return network


def _in_stages(network: DetectorNetwork, flat: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The blocks of ``classifier.lite.Lite`` stand in one row, the detector's in stages. What is behind them
    the detector leaves out.
    """
    places = [
        f"stages.{stage}.{index}"
        for stage, blocks in enumerate(network.stages)
        for index in range(len(blocks))  # type: ignore[arg-type]
    ]
    out = {}
    for name, tensor in flat.items():
        part, index, *rest = name.split(".")
        if part == "stem":
            out[name] = tensor
        elif part == "blocks":
            out[".".join([places[int(index)], *rest])] = tensor
    return out
