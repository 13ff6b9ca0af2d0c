"""EfficientNet-Lite (Tan and Le, 2019) as timm defines it, laid out flat, and the names of its tensors."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from classifier.padding import pad_alike
from classifier.timm_import import timm

# Side in pixels at which the ImageNet weights were trained. At these sizes some maps of Lite1 and Lite2 have
# an odd side, which is padded differently from an even one. Weights have always been served with this
# padding.
SIDES = {"efficientnet-lite0": 224, "efficientnet-lite1": 240, "efficientnet-lite2": 260}
BACKBONES = tuple(SIDES)
NAMES = 2  # version of the tensors' names; 1: those of the package efficientnet-lite-pytorch


class Lite(nn.Module):
    """(N, 3, S, S) → (N, 1280, S/32, S/32): ``stem``, then ``blocks``, then ``last``.

    ``widths``: output channels of each block. In training a block's branch is dropped with probability
    0.2 × block / blocks, as EfficientNet was trained. Raises ValueError if ``name`` is unknown.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        if name not in SIDES:
            raise ValueError(f"There is no {name!r}, only {', '.join(SIDES)}.")
        net: Any = timm.create_model(
            f"tf_{name.replace('-', '_')}",
            pretrained=False,
            num_classes=0,
            drop_path_rate=0.2,
            # TensorFlow's values. timm's own momentum, 0.1, is too large for small batches.
            bn_momentum=0.01,
            bn_eps=1e-3,
        )
        self.stem = nn.Sequential(net.conv_stem, net.bn1)
        self.blocks = nn.ModuleList(block for stage in net.blocks for block in stage)
        self.last = nn.Sequential(net.conv_head, net.bn2)
        self.widths: list[int] = [
            block.feature_info("bottleneck")["num_chs"] for stage in net.blocks for block in stage
        ]
        pad_alike(self, SIDES[name])

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        x = self.stem(images)
        for block in self.blocks:
            x = block(x)
        found: torch.Tensor = self.last(x)
        return found


_AROUND = {"_conv_stem": "stem.0", "_bn0": "stem.1", "_conv_head": "last.0", "_bn1": "last.1"}
_EXPANDING = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}
_FIRST = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}


def renamed(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Tensors under the names of the package efficientnet-lite-pytorch → under those of ``Lite``.

    ImageNet's weights, and files from before timm, have the old names. A prefix ("types.backbone.") stays,
    and so does a name that is not an old one.
    """
    return {_renamed(name, tensors): tensor for name, tensor in tensors.items()}


def _renamed(name: str, tensors: Mapping[str, torch.Tensor]) -> str:
    parts = name.split(".")
    at = next((index for index, part in enumerate(parts) if part.startswith("_")), len(parts))
    owner, old = parts[:at], parts[at:]
    if old[:1] == ["_blocks"] and len(old) > 2:
        block = ".".join([*owner, *old[:2]])
        layers = _EXPANDING if f"{block}._expand_conv.weight" in tensors else _FIRST
        return ".".join([*owner, "blocks", old[1], layers.get(old[2], old[2]), *old[3:]])
    if old:
        return ".".join([*owner, _AROUND.get(old[0], old[0]), *old[1:]])
    return name
