"""The network: EfficientNet-Lite (Tan and Le, 2019), global average pooling, linear heads."""

import json
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import safe_open
from torch import nn

from classifier.assessability import KINDS
from classifier.labels import CLASSES
from classifier.lite import BACKBONES, NAMES, Lite, renamed

PREFIX = "types."  # of its tensors in a file that holds a detector too
FEATURES = 1280  # channels of a member's last feature map, of each of the three


class NetworkOutput(NamedTuple):
    """Raw outputs of one forward pass over N pictures, with M ensemble members.

    ``logits`` (N, 10): fracture types. ``features`` (N, M·1280, h, w): the last feature maps, the input of
    the first two heads. ``fracture`` (N, 1): log-odds of a fracture. ``kinds`` (N, K): logits of the kinds of
    picture, in the order of ``classifier.assessability.KINDS``.
    """

    logits: torch.Tensor
    features: torch.Tensor
    fracture: torch.Tensor
    kinds: torch.Tensor


class FractureNetwork(nn.Module):
    """(N, 3, S, S) → NetworkOutput.

    An ensemble whose ``members`` share the first ``shared`` blocks, which training doesn't change.
    Each linear head reads the concatenated feature maps of all members. The mean of several networks'
    logits is therefore still global average pooling and one linear head, and the class activation map
    stays exact.

    A ``mirrored`` network runs each picture and its mirror image, and averages the two feature maps
    after turning the second one back. The class activation map stays exact here too.

    The ``kinds`` head reads channel means and standard deviations at the ends of the third, fourth and
    fifth stage: textures separate photographs from radiographs better than the last map, which was
    trained on fractures only.
    """

    def __init__(
        self,
        backbone: str = BACKBONES[0],
        members: int = 1,
        shared: int = 0,
        mirrored: bool = False,
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        self.name, self.members, self.shared, self.mirrored = backbone, members, shared, mirrored
        self.backbone = Lite(backbone)
        self.others = nn.ModuleList(Tail(backbone, shared) for _ in range(members - 1))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(members * FEATURES, len(CLASSES))
        self.fracture = nn.Linear(members * FEATURES, 1)
        self.tapped = _stage_ends(self.backbone.widths)[2:5]
        self.tapped_widths = [self.backbone.widths[index] for index in self.tapped]
        self.kinds = nn.Linear(2 * sum(self.tapped_widths), len(KINDS))

    def forward(self, images: torch.Tensor) -> NetworkOutput:
        features, texture = self.features_of(images)
        pooled = self.dropout(features.mean(dim=(2, 3)))
        return NetworkOutput(
            self.head(pooled), features, self.fracture(pooled), self.kinds(texture)
        )

    def features_of(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The last feature maps (N, M·1280, h, w), and means and deviations at the ends of stages (N, D)."""
        features, texture = self._features_once(images)
        if self.mirrored:
            other_features, other_texture = self._features_once(images.flip(-1))
            features = (features + other_features.flip(-1)) / 2
            texture = (texture + other_texture) / 2
        return features, texture

    def trunk(self, images: torch.Tensor) -> torch.Tensor:
        """(N, 3, S, S) → (N, C, h, w): the output of the first ``shared`` blocks, common to all members."""
        return self._through(self.backbone.stem(images), range(self.shared))

    def member(self, common: torch.Tensor, head: str) -> torch.Tensor:
        """``trunk``'s output → (N, K) raw scores of ``head`` ("head" or "fracture"); for a single member."""
        x = self._through(common, range(self.shared, len(self.backbone.blocks)))
        pooled = self.dropout(self.backbone.last(x).mean(dim=(2, 3)))
        scores: torch.Tensor = getattr(self, head)(pooled)
        return scores

    def texture(self, images: torch.Tensor) -> torch.Tensor:
        """(N, D): means and deviations at the ends of stages; the blocks after the last of them don't run."""
        found = self._texture_once(images)
        if self.mirrored:
            found = (found + self._texture_once(images.flip(-1))) / 2
        return found

    def _texture_once(self, images: torch.Tensor) -> torch.Tensor:
        texture: list[torch.Tensor] = []
        self._through(self.backbone.stem(images), range(self.tapped[-1] + 1), texture)
        return torch.cat(texture, 1)

    def _features_once(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        texture: list[torch.Tensor] = []
        common = self._through(self.backbone.stem(images), range(self.shared), texture)
        x = self._through(common, range(self.shared, len(self.backbone.blocks)), texture)
        maps = [self.backbone.last(x), *(tail(common) for tail in self.others)]
        return torch.cat(maps, 1) if self.others else maps[0], torch.cat(texture, 1)

    def _through(
        self, x: torch.Tensor, blocks: range, texture: list[torch.Tensor] | None = None
    ) -> torch.Tensor:
        """Runs some blocks; appends means and deviations at the ends of stages to ``texture``."""
        for index in blocks:
            x = self.backbone.blocks[index](x)
            if texture is not None and index in self.tapped:
                texture += [x.mean((2, 3)), _deviation(x)]
        return x


class Tail(nn.Module):
    """A further member: a backbone without its stem and its first ``shared`` blocks."""

    def __init__(self, backbone: str, shared: int) -> None:
        super().__init__()
        net = Lite(backbone)
        self.blocks, self.last = nn.ModuleList(net.blocks[shared:]), net.last

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        found: torch.Tensor = self.last(x)
        return found


def joined(members: list[FractureNetwork], shared: int, mirrored: bool) -> FractureNetwork:
    """One network from the members' backbones; its heads are newly initialised."""
    first = members[0]
    network = FractureNetwork(first.name, len(members), shared, mirrored)
    network.backbone.load_state_dict(first.backbone.state_dict())
    for tail, member in zip(network.others, members[1:], strict=True):
        tail.load_state_dict(_tail_state(member, shared))
    return network


def load_weights(path: Path) -> FractureNetwork:
    """A network with the weights of a safetensors file. The file's metadata describe its shape.

    If the file also holds a detector, only this network's tensors are read. Such a file has no weights for
    the fracture head, which is set to 0. Raises ValueError if the file holds another network.
    """
    with safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
        if "network" not in metadata:
            raise ValueError(f"{path} does not say which network it holds.")
        shape = json.loads(metadata["network"])
        has_detector = "detector" in metadata
        prefix = PREFIX if has_detector else ""
        tensors = {
            name.removeprefix(prefix): file.get_tensor(name).float()
            for name in file.keys()  # noqa: SIM118
            if name.startswith(prefix)
        }
    if shape.pop("names", None) != NAMES:
        tensors = renamed(tensors)
    network = FractureNetwork(**shape)
    for parameter in network.fracture.parameters():
        nn.init.zeros_(parameter)
    missing, unknown = network.load_state_dict(tensors, strict=False)
    if has_detector:
        missing = [name for name in missing if not name.startswith("fracture.")]
    if unknown or any("batches" not in name for name in missing):
        raise ValueError(f"{path} holds the weights of another network.")
    return network


def shape_of(network: FractureNetwork) -> dict[str, str]:
    """The metadata that ``load_weights`` needs. One JSON entry: safetensors keeps no order of entries."""
    shape = {
        "backbone": network.name,
        "members": network.members,
        "shared": network.shared,
        "mirrored": network.mirrored,
        "names": NAMES,
    }
    return {"network": json.dumps(shape)}


def _tail_state(network: FractureNetwork, shared: int) -> dict[str, torch.Tensor]:
    """The part of a network's state dict that a ``Tail`` has, under the tail's names."""
    out = {}
    for name, tensor in network.backbone.state_dict().items():
        part, _, rest = name.partition(".")
        if part == "last":
            out[name] = tensor
        elif part == "blocks":
            index, _, inner = rest.partition(".")
            if int(index) >= shared:
                out[f"blocks.{int(index) - shared}.{inner}"] = tensor
    return out


def _stage_ends(widths: list[int]) -> list[int]:
    """The last block of each stage: the next one gives another number of channels."""
    return [at for at, width in enumerate(widths) if width != (widths[at + 1 :] or [0])[0]]


def _deviation(x: torch.Tensor) -> torch.Tensor:
    """(N, C, h, w) → (N, C) standard deviations, with a gradient where all values are equal."""
    return x.var((2, 3), unbiased=False).add(1e-12).sqrt()
