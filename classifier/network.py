"""The network: EfficientNet-Lite0 (Tan and Le, 2019), global average pooling, one linear head."""

from pathlib import Path

import torch
from efficientnet_lite_pytorch import EfficientNet
from safetensors.torch import load_file
from torch import nn

from classifier.labels import CLASSES

FEATURES = 1280  # channels of the last feature map


class FractureNetwork(nn.Module):
    """(N, 3, 224, 224) → logits (N, 10) and the last feature map (N, 1280, 7, 7)."""

    def __init__(self, classes: int = len(CLASSES), dropout: float = 0.2) -> None:
        super().__init__()
        self.backbone = EfficientNet.from_name("efficientnet-lite0")
        self.backbone._fc = nn.Identity()  # our own head stands on the feature map
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(FEATURES, classes)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.backbone.extract_features(images)
        return self.head(self.dropout(features.mean(dim=(2, 3)))), features


def load_weights(path: Path) -> FractureNetwork:
    """A network with the weights of a safetensors file."""
    network = FractureNetwork()
    network.load_state_dict(load_file(path))
    return network
