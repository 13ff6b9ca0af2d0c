"""The ONNX graph of a release: scores, maps, and the weights of the types' head.

The graph holds no weights. It names where they lie in the safetensors file beside it (ONNX calls this
external data), so a release has them once and both engines read the same ones. Large tensors are stored in
half precision and computed with in single precision, which halves the release again.
"""

import json
import struct
import warnings
from pathlib import Path

import onnx
import torch
from onnx import helper
from onnx.external_data_helper import set_external_data
from safetensors.torch import save_file
from torch import nn

from classifier import detector, network
from classifier.detector import DetectorNetwork, load_detector, shape_of_detector
from classifier.network import FractureNetwork, NetworkOutput, load_weights, shape_of

OPSET = 18
_LARGE = (
    1024  # weights of a tensor; smaller ones, such as batch normalisation's, keep single precision
)


def halved(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Large tensors in float16. The batch counters, which nothing reads, are left out."""
    return {
        name: (tensor.half() if _is_large(tensor) else tensor).contiguous()
        for name, tensor in state.items()
        if not name.endswith("num_batches_tracked")
    }


def round_as_released(network: nn.Module) -> None:
    """Rounds the weights in place to those of a release, so that the served weights are the measured ones."""
    network.load_state_dict(halved(network.state_dict()), strict=False)


def _is_large(tensor: torch.Tensor) -> bool:
    return tensor.is_floating_point() and tensor.ndim > 1 and tensor.numel() >= _LARGE


class Both(nn.Module):
    """Two networks in one graph; each gets the same pictures at its own size."""

    OUTPUTS = (*NetworkOutput._fields, "heat", "extent")

    def __init__(self, types: FractureNetwork, detector: DetectorNetwork) -> None:
        super().__init__()
        self.types, self.detector = types, detector

    def forward(
        self, images: torch.Tensor, detector_images: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        """Returns the tensors that ``OUTPUTS`` names. The types' own fracture head is not used."""
        reading, maps = self.types(images), self.detector(detector_images)
        return (
            *(reading.logits, reading.features, maps.fracture, reading.kinds),
            *(maps.heat, maps.extent),
        )


def save_weights(path: Path, types: FractureNetwork, finder: DetectorNetwork | None = None) -> None:
    """Writes a release's safetensors file: format 2, or format 3 with ``finder``, the detector."""
    state, shape = halved(types.state_dict()), shape_of(types)
    if finder is not None:
        # The detector gives the fracture score, so the types' own fracture head is left out.
        state = {name: tensor for name, tensor in state.items() if not name.startswith("fracture.")}
        state = {network.PREFIX + name: tensor for name, tensor in state.items()}
        own = halved(finder.state_dict())
        state |= {detector.PREFIX + name: tensor for name, tensor in own.items()}
        shape |= shape_of_detector(finder)
    save_file(state, path, shape)
    _order_metadata(path)
    path.chmod(0o644)  # safetensors creates files that only their owner can read


def _order_metadata(path: Path) -> None:
    """Sorts the metadata of a safetensors file, so that equal runs give equal bytes.

    safetensors writes several entries in random order. The header keeps its length, so no tensor moves.
    """
    with path.open("r+b") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
        ordered = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
        if len(ordered) > length:
            raise ValueError(f"the header of {path} would grow")
        file.seek(8)
        file.write(ordered.ljust(length))


def write_onnx(weights: Path, size: int, path: Path, detector_size: int | None = None) -> None:
    """Writes the graph beside ``weights``, the safetensors file whose tensors it uses.

    Inputs: ``images`` (N, 3, size, size). Outputs: the fields of a ``NetworkOutput`` and
    ``head_weights`` (10, C).
    With ``detector_size`` the graph also has the detector: it takes ``detector_images`` of that side, and
    gives ``heat``, ``extent`` and, in place of the other network, ``fracture``.
    """
    types = load_weights(weights)
    combined: nn.Module = types
    inputs, outputs = {"images": torch.zeros(2, 3, size, size)}, list(NetworkOutput._fields)
    if detector_size is not None:
        combined, outputs = Both(types, load_detector(weights)), list(Both.OUTPUTS)
        inputs["detector_images"] = torch.zeros(2, 3, detector_size, detector_size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter uses deprecated functions of torch itself
        torch.onnx.export(
            combined.eval(),
            tuple(inputs.values()),
            str(path),
            input_names=list(inputs),
            output_names=outputs,
            dynamic_axes={name: {0: "batch"} for name in (*inputs, *outputs)},
            opset_version=OPSET,
            # Batch normalisation is not folded into the weights here, or they would no longer be
            # those of the safetensors file; ONNX Runtime folds it when it loads.
            training=torch.onnx.TrainingMode.PRESERVE,
            do_constant_folding=False,
            dynamo=False,
        )
    model = onnx.load(path)
    _give_out_head(model.graph, types)
    _point_to(weights, model.graph)
    onnx.save(model, path)
    onnx.checker.check_model(str(path), full_check=True)


def _give_out_head(graph: onnx.GraphProto, types: FractureNetwork) -> None:
    """The activation map needs the head's weights: an output, so that ONNX alone can serve."""
    shape = list(types.head.weight.shape)
    (weights,) = [
        initializer.name for initializer in graph.initializer if list(initializer.dims) == shape
    ]
    graph.node.append(helper.make_node("Identity", [weights], ["head_weights"]))
    graph.output.append(
        helper.make_tensor_value_info("head_weights", onnx.TensorProto.FLOAT, shape)
    )


def _point_to(weights: Path, graph: onnx.GraphProto) -> None:
    """Initializers are what lies in the safetensors file; behind those in float16 stands a cast."""
    places, casts = _places(weights), []
    for tensor in graph.initializer:
        if tensor.name not in places:
            continue
        name, (kind, offset, length) = tensor.name, places[tensor.name]
        if kind == "F16":
            tensor.name, tensor.data_type = f"{name}.half", onnx.TensorProto.FLOAT16
            casts.append(helper.make_node("Cast", [tensor.name], [name], to=onnx.TensorProto.FLOAT))
        set_external_data(tensor, weights.name, offset, length)
        tensor.ClearField("raw_data")
    for index, node in enumerate(casts):
        graph.node.insert(index, node)


def _places(weights: Path) -> dict[str, tuple[str, int, int]]:
    """Tensor → its type, and where in the file its bytes begin and how many they are. A safetensors file is
    the length of its header (8 bytes, little-endian), the header as JSON, and the tensors.
    """
    with weights.open("rb") as file:
        (header,) = struct.unpack("<Q", file.read(8))
        tensors = json.loads(file.read(header))
    tensors.pop("__metadata__", None)
    return {
        name: (tensor["dtype"], 8 + header + tensor["data_offsets"][0], _length(tensor))
        for name, tensor in tensors.items()
    }


def _length(tensor: dict[str, list[int]]) -> int:
    begin, end = tensor["data_offsets"]
    return end - begin
