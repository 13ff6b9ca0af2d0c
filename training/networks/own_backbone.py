"""The user's own weights for the detector's backbone: a safetensors file with timm's names."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from safetensors import SafetensorError, safe_open

from classifier.backbones import STRIDES, backbone_of
from classifier.detector import DetectorNetwork
from classifier.timm_import import timm
from training.errors import TrainingError

_SHOWN = 3  # tensors that an error names
_UNREAD = "num_batches_tracked"  # neither frozen nor served code reads it


@dataclass(frozen=True)
class OwnBackbone:
    """``architecture``: timm's name, with its tag if it was given with one ("resnet50.a1_in1k").

    ``mean``, ``std``: of the three channels, in units of 0..1, as the weights expect them. ``tensors``: by
    the names of ``DetectorNetwork``.
    """

    architecture: str
    sha256: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    tensors: dict[str, torch.Tensor]

    @classmethod
    def read(cls, text: str, size: int) -> Self:
        """``text``: "PATH" or "ARCHITECTURE=PATH". ``size``: side of the input in pixels.

        Raises TrainingError if the file isn't a safetensors file, or its architecture doesn't fit.
        """
        given, path = _parted(text)
        metadata, tensors = _read(path)
        architecture = _architecture(path, given, metadata.get("architecture"))
        try:
            own = _own_tensors(path, architecture, tensors)
            mean, std = _normalisation(path, architecture, metadata)
        except ValueError as error:
            raise TrainingError(f"{path}: {error}") from None
        found = cls(architecture, _sha256(path), mean, std, own)
        _try_out(found, path, size)
        return found

    def as_dict(self) -> dict[str, Any]:
        """What a run and a release record of it; not its path, which means nothing on another machine."""
        return {
            "architecture": self.architecture,
            "sha256": self.sha256,
            "mean": list(self.mean),
            "std": list(self.std),
        }

    def detector(self) -> DetectorNetwork:
        """With these weights; everything else is new."""
        network = DetectorNetwork(_untagged(self.architecture), mean=self.mean, std=self.std)
        network.load_state_dict(self.tensors, strict=False)
        return network


def _parted(text: str) -> tuple[str | None, Path]:
    """A path may have an equals sign of its own."""
    architecture, equals, path = text.partition("=")
    if not equals or "/" in architecture or Path(text).is_file():
        return None, Path(text)
    return architecture, Path(path)


def _read(path: Path) -> tuple[dict[str, str], dict[str, torch.Tensor]]:
    """The metadata and the tensors."""
    if not path.is_file():
        raise TrainingError(f"There is no file {path}.")
    try:
        with safe_open(path, "pt") as file:
            return file.metadata() or {}, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError):
        raise TrainingError(f"{path} is not a safetensors file, or is damaged.") from None


def _architecture(path: Path, given: str | None, in_file: str | None) -> str:
    if given and in_file and _untagged(given) != _untagged(in_file):
        raise TrainingError(f"{path} says that it holds {in_file}, not {given}.")
    if not (found := given or in_file):
        raise TrainingError(
            f"{path} doesn't say which architecture it holds. Name it: --backbone ARCHITECTURE={path}"
        )
    return found


def _own_tensors(
    path: Path, architecture: str, given: dict[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """The chain's tensors under the detector's names. The classifier's own, and what the detector doesn't
    run, may be there and are dropped.
    """
    chain, model = backbone_of(_untagged(architecture)), _whole(architecture)
    known = model.state_dict()
    # timm joins names by a dot, and by an underscore where it has made a list of features.
    by_joined = {name.replace(".", "_"): name for name in known}
    wanted = {}
    for child, source in chain.timm_names.items():
        module = _child(chain, child)
        for name, tensor in module.state_dict().items():
            timms = by_joined[f"{source}.{name}".replace(".", "_")]
            wanted[timms] = (f"{child}.{name}", tensor.shape)
    heads = tuple(f"{name}." for name in _classifiers(model))
    missing = [name for name in wanted if name not in given and not name.endswith(_UNREAD)]
    unknown = [name for name in given if name not in known and not name.startswith(heads)]
    if missing or unknown:
        raise TrainingError(_not_of(path, architecture, missing, unknown))
    for name, (_, shape) in wanted.items():
        if name in given and given[name].shape != shape:
            raise TrainingError(
                f"{path}: {name} has the shape {list(given[name].shape)}, and in {architecture} "
                f"it has {list(shape)}."
            )
        # Counters are whole numbers. Weights that are have been quantised, and their scale is not here.
        if name in given and not (given[name].is_floating_point() or name.endswith(_UNREAD)):
            raise TrainingError(
                f"{path}: {name} holds {str(given[name].dtype).removeprefix('torch.')}, and weights must be "
                "floating point numbers."
            )
    return {own: given[name] for name, (own, _) in wanted.items() if name in given}


def _child(chain: Any, name: str) -> torch.nn.Module:
    kind, index = name.split(".")
    module: torch.nn.Module = getattr(chain, kind)[int(index)]
    return module


def _whole(architecture: str) -> Any:
    try:
        return timm.create_model(architecture, pretrained=False)
    except RuntimeError as error:  # timm doesn't know the tag
        raise ValueError(str(error)) from None


def _classifiers(model: Any) -> tuple[str, ...]:
    """How the names of the classifier's tensors begin, of however many classes."""
    names = model.pretrained_cfg.get("classifier") or ()
    return (names,) if isinstance(names, str) else tuple(names)


def _not_of(path: Path, architecture: str, missing: list[str], unknown: list[str]) -> str:
    faults = [f"lacks {_some(missing)}"] if missing else []
    faults += [f"has {_some(unknown)}, which timm doesn't know there"] if unknown else []
    return f"{path} does not hold {architecture} under timm's names: it {' and '.join(faults)}."


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _normalisation(
    path: Path, architecture: str, metadata: dict[str, str]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The file's own word ("mean", "std": JSON lists of three numbers of 0..1), else timm's."""
    if "mean" not in metadata and "std" not in metadata:
        cfg: Any = timm.get_pretrained_cfg(architecture)
        return tuple(cfg.mean), tuple(cfg.std)
    try:
        mean, std = (
            tuple(float(number) for number in json.loads(metadata[key])) for key in ("mean", "std")
        )
    except (KeyError, ValueError, TypeError):
        mean, std = (), ()
    # These comparisons are False for NaN and infinity too.
    fits = all(0 <= value <= 1 for value in mean) and all(0 < value <= 1 for value in std)
    if len(mean) != 3 or len(std) != 3 or not fits:
        raise TrainingError(
            f"{path}: mean and std in its metadata must be lists of three numbers each, in units of 0..1: "
            "mean from 0 to 1, std above 0 and at most 1."
        )
    return mean, std


def _try_out(own: OwnBackbone, path: Path, size: int) -> None:
    """One forward pass over noise: some architectures take one size only, or give maps in another order."""
    network = own.detector().eval()
    noise = torch.randn(1, 3, size, size, generator=torch.Generator().manual_seed(0))
    try:
        with torch.inference_mode():
            trunk = network.trunk(noise)
            heat = network.maps(trunk).heat
    except (RuntimeError, AssertionError, ValueError, TypeError, IndexError, AttributeError):
        heat = torch.zeros(0)
    side = size // STRIDES[0]
    if heat.shape != (1, side, side):
        raise TrainingError(
            f"{path}: {own.architecture} gives no maps at strides 8, 16 and 32 of {size} × {size} pixels, "
            "which the detector needs."
        )
    # The trunk's maps are stored in half precision, so they must fit into it.
    if not _finite([trunk.half(), heat]):
        raise TrainingError(f"{path}: its weights give numbers that are not finite.")


def _finite(tensors: Iterable[torch.Tensor]) -> bool:
    return all(bool(tensor.isfinite().all()) for tensor in tensors)


def _untagged(architecture: str) -> str:
    """The tag names weights, not a network."""
    return architecture.partition(".")[0]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
