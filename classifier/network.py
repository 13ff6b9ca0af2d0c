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


class Reading(NamedTuple):
    """Raw outputs of one forward pass over N pictures, with M ensemble members.

    ``logits`` (N, 10): fracture types. ``features`` (N, M·1280, h, w): the last feature maps, which the
    first two heads stand on. ``fracture`` (N, 1): log-odds of a fracture. ``kinds`` (N, K): of what
    kind the picture is, in the order of ``classifier.assessability.KINDS``.
    """

    logits: torch.Tensor
    features: torch.Tensor
    fracture: torch.Tensor
    kinds: torch.Tensor


class FractureNetwork(nn.Module):
    """(N, 3, S, S) → Reading.

    An ensemble whose ``members`` share the first ``shared`` blocks, which training leaves as they
    are. Their feature maps lie side by side under each linear head, so that a mean of several
    networks' logits is still global average pooling and a linear head, and the class activation map
    still exact.

    A ``mirrored`` network looks at each picture and at its mirror image, and takes the mean: of the
    maps laid over each other, which again changes nothing of the above.

    The ``kinds`` head looks at channel means and deviations where the third, fourth and fifth stage
    end: textures tell a photograph from a radiograph better than the last map, which has learnt to
    see nothing but fractures.
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

    def forward(self, images: torch.Tensor) -> Reading:
        features, texture = self.seen(images)
        pooled = self.dropout(features.mean(dim=(2, 3)))
        return Reading(self.head(pooled), features, self.fracture(pooled), self.kinds(texture))

    def seen(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The last feature maps (N, M·1280, h, w), and means and deviations where stages end (N, D)."""
        features, texture = self._seen_once(images)
        if self.mirrored:
            other_features, other_texture = self._seen_once(images.flip(-1))
            features = (features + other_features.flip(-1)) / 2
            texture = (texture + other_texture) / 2
        return features, texture

    def trunk(self, images: torch.Tensor) -> torch.Tensor:
        """(N, 3, S, S) → (N, C, h, w): what the first ``shared`` blocks make of them, for all members."""
        return self._through(self.backbone.stem(images), range(self.shared))

    def member(self, common: torch.Tensor, head: str) -> torch.Tensor:
        """What ``trunk`` gave → (N, K) raw scores of ``head`` ("head" or "fracture"), of a network of one."""
        x = self._through(common, range(self.shared, len(self.backbone.blocks)))
        pooled = self.dropout(self.backbone.last(x).mean(dim=(2, 3)))
        scores: torch.Tensor = getattr(self, head)(pooled)
        return scores

    def texture(self, images: torch.Tensor) -> torch.Tensor:
        """(N, D): means and deviations where stages end, without the maps behind them."""
        found = self._texture_once(images)
        if self.mirrored:
            found = (found + self._texture_once(images.flip(-1))) / 2
        return found

    def _texture_once(self, images: torch.Tensor) -> torch.Tensor:
        texture: list[torch.Tensor] = []
        self._through(self.backbone.stem(images), range(self.tapped[-1] + 1), texture)
        return torch.cat(texture, 1)

    def _seen_once(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        texture: list[torch.Tensor] = []
        common = self._through(self.backbone.stem(images), range(self.shared), texture)
        x = self._through(common, range(self.shared, len(self.backbone.blocks)), texture)
        maps = [self.backbone.last(x), *(tail(common) for tail in self.others)]
        return torch.cat(maps, 1) if self.others else maps[0], torch.cat(texture, 1)

    def _through(
        self, x: torch.Tensor, blocks: range, texture: list[torch.Tensor] | None = None
    ) -> torch.Tensor:
        """Through some blocks; ``texture`` takes means and deviations where stages end."""
        for index in blocks:
            x = self.backbone.blocks[index](x)
            if texture is not None and index in self.tapped:
                texture += [x.mean((2, 3)), _deviation(x)]
        return x


class Tail(nn.Module):
    """A further member: all of a backbone behind its first ``shared`` blocks."""

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
    """One network of the members' feature maps; its heads are new."""
    first = members[0]
    network = FractureNetwork(first.name, len(members), shared, mirrored)
    network.backbone.load_state_dict(first.backbone.state_dict())
    for tail, member in zip(network.others, members[1:], strict=True):
        tail.load_state_dict(_tail_state(member, shared))
    return network


def load_weights(path: Path) -> FractureNetwork:
    """A network with the weights of a safetensors file, whose metadata names its shape.

    Of a file that holds a detector too only this network's tensors are read; it has no weights of the second
    head, which then gives 0. Raises ValueError where the file holds another network.
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
    """What ``load_weights`` needs to know beside the weights; one entry, whose order is its own."""
    shape = {
        "backbone": network.name,
        "members": network.members,
        "shared": network.shared,
        "mirrored": network.mirrored,
        "names": NAMES,
    }
    return {"network": json.dumps(shape)}


def _tail_state(network: FractureNetwork, shared: int) -> dict[str, torch.Tensor]:
    """The state of a ``Tail``, taken from a whole network."""
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
