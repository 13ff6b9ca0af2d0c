"""Backbones of the detector: its requirements, and adapters to timm's architectures.

The detector runs a **chain**: ``stem``, then ``stages`` one after the other. It uses three maps, at strides
8, 16 and 32, each (N, channels, S / stride, S / stride). The modules up to stride 8
(``DetectorNetwork.trunk``) are frozen, including the statistics of batch normalisation, and training computes
their output once.

There are two adapters: ``_of_efficientnet`` for timm's EfficientNets and MobileNets, and ``_of_feature_list``
for what ``timm.create_model(…, features_only=True)`` turns into a chain: ResNet, RegNet, ConvNeXt, DenseNet …

To add another: write a function ``name → Backbone | None`` (None: another architecture) and put it into
``_ADAPTERS``. Its modules must be a chain, each called with the result of the one before; its ``timm_names``
must map each child of the chain to the name of the same module in timm, so that ``fit --backbone`` finds its
weights.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import nn

from classifier.preprocess import Preprocessing
from classifier.timm_import import timm

STRIDES = (8, 16, 32)


class Backbone(NamedTuple):
    """``ends``: the number of stages before the map at each stride. ``channels``: the channels of these maps.
    ``timm_names``: child of the chain → module of timm, such as "stem.0" → "conv_stem".
    """

    stem: nn.Sequential
    stages: nn.ModuleList
    ends: tuple[int, int, int]
    channels: tuple[int, int, int]
    timm_names: dict[str, str]


class Corrected(nn.Module):
    """Converts (N, 3, S, S) from the normalisation of ``classifier.preprocess`` to that of the weights.

    ``mean``, ``std``: the weights' normalisation, three channels each, in units of 0..1.
    """

    scale: torch.Tensor
    shift: torch.Tensor

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        own = Preprocessing(size=1)  # its mean and std, which don't depend on the size
        wanted, spread = (torch.tensor(list(values))[:, None, None] for values in (mean, std))
        # Not persistent: mean and std are already in the file's metadata.
        self.register_buffer("scale", own.std / spread, persistent=False)
        self.register_buffer("shift", (own.mean - wanted) / spread, persistent=False)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images * self.scale + self.shift


def backbone_of(architecture: str) -> Backbone:
    """The backbone without pretrained weights.

    Raises ValueError with a sentence if timm has no such architecture, or if no adapter fits.
    """
    # Without this check a name such as "hf-hub:…" in a file would make timm download something.
    if not timm.is_model(architecture):
        raise ValueError(f"timm has no architecture {architecture!r}.")
    for adapter in _ADAPTERS:
        if found := adapter(architecture):
            return found
    raise ValueError(
        f"{architecture} gives no chain of maps at strides 8, 16 and 32, which the detector needs."
    )


def _of_efficientnet(architecture: str) -> Backbone | None:
    """``conv_stem``, ``bn1``, for MobileNets ``act1``, and ``blocks``."""
    net: Any = timm.create_model(architecture, pretrained=False, num_classes=0)
    if not all(hasattr(net, name) for name in ("conv_stem", "bn1", "blocks", "feature_info")):
        return None
    stem = [name for name in ("conv_stem", "bn1", "act1") if hasattr(net, name)]
    # If several maps have one stride, the last one counts.
    last = {level["reduction"]: level for level in net.feature_info}
    if not last.keys() >= set(STRIDES):
        return None
    levels = [last[stride] for stride in STRIDES]
    return _backbone(
        {name: getattr(net, name) for name in stem},
        {f"blocks.{index}": block for index, block in enumerate(net.blocks)},
        [level["module"] for level in levels],
        [level["num_chs"] for level in levels],
    )


def _of_feature_list(architecture: str) -> Backbone | None:
    """Architectures that timm can run as a list of modules. It joins their names by an underscore."""
    try:
        net: Any = timm.create_model(architecture, pretrained=False, features_only=True)
    except (RuntimeError, AttributeError, AssertionError, TypeError, ValueError):
        return None  # timm has no common error for architectures without features
    if not isinstance(net, timm.models.FeatureListNet):
        return None
    info = net.feature_info
    names, reductions = list(net.return_layers), info.reduction()
    last = {
        stride: (name, count)
        for name, stride, count in zip(names, reductions, info.channels(), strict=True)
    }
    if not last.keys() >= set(STRIDES):
        return None
    children = dict(net.named_children())
    first = list(children).index(names[0]) + 1
    levels = [last[stride] for stride in STRIDES]
    return _backbone(
        dict(list(children.items())[:first]),
        dict(list(children.items())[first:]),
        [name for name, _ in levels],
        [count for _, count in levels],
    )


def _backbone(
    stem: dict[str, nn.Module],
    stages: dict[str, nn.Module],
    map_stages: list[str],
    channels: list[int],
) -> Backbone | None:
    """``map_stages``: the stages whose outputs are the maps at strides 8, 16 and 32."""
    if not all(name in stages for name in map_stages):
        return None
    ends = [list(stages).index(name) + 1 for name in map_stages]
    if not all(one < other for one, other in pairwise(ends)):
        return None
    stages = dict(list(stages.items())[: ends[-1]])  # nothing uses the stages after the last map
    names = {f"stem.{index}": name for index, name in enumerate(stem)}
    names |= {f"stages.{index}": name for index, name in enumerate(stages)}
    return Backbone(
        nn.Sequential(*stem.values()),
        nn.ModuleList(stages.values()),
        (ends[0], ends[1], ends[2]),
        (channels[0], channels[1], channels[2]),
        names,
    )


_ADAPTERS = (_of_efficientnet, _of_feature_list)
