"""The detector: for each cell of a grid the log-odds of a fracture, and the box of that fracture.

EfficientNet-Lite0 (Tan and Le, 2019) as timm defines it, or another backbone (``classifier.backbones``), a
feature pyramid (Lin and others, 2017) down to stride 8, and a head without anchors, as in FCOS (Tian and
others, 2019).
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import safe_open
from torch import nn
from torch.nn import functional

from classifier.backbones import Corrected, backbone_of
from classifier.padding import pad_alike

BACKBONE = "tf_efficientnet_lite0"
PREFIX = "detector."  # of its tensors in a file that holds two networks
# Cells whose mean log-odds are a part of the picture's score: a fracture covers a few cells of 8 pixels. In
# one fold of FracAtlas the AUROC is 0.922 with them and 0.906 without (training/EXPERIMENTS.md); the number
# is a choice.
_STRONGEST = 5
_MOST_LOG_EXTENT = 5.0  # e^5 = 148 cells; a picture's side has 56. It keeps exp() finite


class DetectorMaps(NamedTuple):
    """Raw outputs of one forward pass over N pictures of side S = 8 h = 8 w.

    ``heat`` (N, h, w): log-odds of a fracture in the cell. ``extent`` (N, 4, h, w): distances in cells from
    the cell's middle to the left, top, right and bottom of the box. ``fracture`` (N, 1): log-odds of a
    fracture anywhere.
    """

    heat: torch.Tensor
    extent: torch.Tensor
    fracture: torch.Tensor


class DetectorNetwork(nn.Module):
    """(N, 3, S, S) → DetectorMaps; S is a multiple of 32.

    ``width``: channels of the pyramid. ``pool_weight``: the weight of the mean log-odds of the five strongest
    cells; the score of the pooled features has weight 1. It is a buffer, set after training. ``mean``,
    ``std``: the normalisation of the backbone's weights (``classifier.backbones.Corrected``); None if they
    expect our own preprocessing, as the default's do. ``mirrored``: the outputs are the mean over each
    picture and its mirror image. Raises ValueError if the backbone isn't known.
    """

    pool_weight: torch.Tensor

    def __init__(
        self,
        backbone: str = BACKBONE,
        width: int = 64,
        dropout: float = 0.2,
        pool_weight: float = 0.0,
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
        mirrored: bool = False,
    ) -> None:
        super().__init__()
        self.name, self.width, self.rate, self.mean, self.std = backbone, width, dropout, mean, std
        self.mirrored = mirrored
        self.corrected = Corrected(mean, std) if mean and std else nn.Identity()
        self.stem, self.stages, self._ends, channels, _ = backbone_of(backbone)
        self.lateral_8, self.lateral_16, self.lateral_32 = (
            nn.Conv2d(count, width, 1) for count in channels
        )
        self.smooth_16, self.smooth_8 = _separable(width), _separable(width)
        self.tower = nn.Sequential(_separable(width), _separable(width))
        self.heat, self.extent = nn.Conv2d(width, 1, 1), nn.Conv2d(width, 4, 1)
        self.dropout = nn.Dropout(dropout)
        self.picture = nn.Linear(width + channels[-1], 1)
        self.register_buffer("pool_weight", torch.tensor(float(pool_weight)))
        # One cell in a hundred is on a fracture (Lin and others, 2017); a box begins two cells wide.
        nn.init.constant_(self.heat.bias, -4.6)  # type: ignore[arg-type]
        nn.init.constant_(self.extent.bias, 0.7)  # type: ignore[arg-type]
        pad_alike(self)

    @property
    def frozen(self) -> list[nn.Module]:
        """The modules of ``trunk``."""
        return [self.stem, *self.stages[: self._ends[0]]]

    def forward(self, images: torch.Tensor) -> DetectorMaps:
        if not self.mirrored:
            return self.maps(self.trunk(images))
        both = self.maps(self.trunk(torch.cat([images, images.flip(-1)])))
        # Split by reshape: slicing by the batch's size would fix this size in the ONNX graph.
        (heat, other_heat), (extent, other_extent), fracture = (
            maps.reshape(2, -1, *maps.shape[1:]) for maps in both
        )
        return DetectorMaps(
            (heat + other_heat.flip(-1)) / 2,
            (extent + _turned_back(other_extent)) / 2,
            fracture.mean(0),
        )

    def trunk(self, images: torch.Tensor) -> torch.Tensor:
        """(N, 3, S, S) → (N, C, S/8, S/8): the output of the first stages, which training doesn't change. C
        is 40 for the default backbone.
        """
        return _through(self.stages[: self._ends[0]], self.stem(self.corrected(images)))

    def maps(self, trunk: torch.Tensor) -> DetectorMaps:
        """``trunk``'s output → the maps and the picture's score."""
        to_8, to_16, to_32 = self._ends
        middle = _through(self.stages[to_8:to_16], trunk)
        last = _through(self.stages[to_16:to_32], middle)
        finer = self.smooth_16(self.lateral_16(middle) + _doubled(self.lateral_32(last)))
        finest = self.tower(self.smooth_8(self.lateral_8(trunk) + _doubled(finer)))
        heat = self.heat(finest)[:, 0]
        extent = self.extent(finest).clamp(max=_MOST_LOG_EXTENT).exp()
        return DetectorMaps(heat, extent, self._fracture(heat, finest, last))

    def _fracture(
        self, heat: torch.Tensor, finest: torch.Tensor, last: torch.Tensor
    ) -> torch.Tensor:
        """(N, 1): from the features weighted by heat, from those of the full picture, and from the heat."""
        cells = heat.flatten(1)
        attended = (finest.flatten(2) * cells.softmax(1)[:, None]).sum(2)
        pooled = torch.cat([attended, last.mean((2, 3))], 1)
        score: torch.Tensor = self.picture(self.dropout(pooled))
        return score + self.pool_weight * strongest_cells(heat)


def strongest_cells(heat: torch.Tensor) -> torch.Tensor:
    """(N, h, w) raw log-odds → (N, 1): the mean of each picture's five strongest cells."""
    return heat.flatten(1).topk(_STRONGEST, 1).values.mean(1, keepdim=True)


def shape_of_detector(network: DetectorNetwork) -> dict[str, str]:
    """The metadata that ``load_detector`` needs."""
    shape: dict[str, object] = {"backbone": network.name}
    shape |= {"width": network.width, "dropout": network.rate}
    if network.mean and network.std:
        shape |= {"mean": list(network.mean), "std": list(network.std)}
    if network.mirrored:
        shape["mirrored"] = True
    return {"detector": json.dumps(shape)}


def load_detector(path: Path) -> DetectorNetwork:
    """The detector of a safetensors file. The file's metadata describe its shape; its tensors have a prefix
    if the file holds the types' network too.

    Raises ValueError if the file holds no detector or another one, and SafetensorError if it isn't a
    safetensors file.
    """
    with safe_open(path, "pt") as file:
        shape = (file.metadata() or {}).get("detector")
        tensors = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118
    if shape is None:
        raise ValueError(f"{path} holds no detector.")
    own = {
        name.removeprefix(PREFIX): tensor
        for name, tensor in tensors.items()
        if name.startswith(PREFIX)
    }
    try:
        network = DetectorNetwork(**json.loads(shape))
        missing, unknown = network.load_state_dict(own or tensors, strict=False)
    # Invalid metadata fail at the first use of a value, with an error of any of these classes.
    except (ValueError, TypeError, AttributeError, ArithmeticError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(f"{path} doesn't describe a detector: {reason}") from None
    if unknown or any("batches" not in name for name in missing):
        raise ValueError(f"{path} holds the weights of another detector.")
    return network


def _turned_back(extent: torch.Tensor) -> torch.Tensor:
    """A mirror image's distances as those of the picture: left and right are exchanged."""
    left, top, right, bottom = extent.flip(-1).unbind(1)
    return torch.stack([right, top, left, bottom], 1)


def _separable(width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False),
        nn.Conv2d(width, width, 1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU6(),
    )


def _through(stages: Iterable[nn.Module], x: torch.Tensor) -> torch.Tensor:
    for stage in stages:
        x = stage(x)
    return x


def _doubled(x: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")
