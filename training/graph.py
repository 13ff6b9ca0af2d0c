"""The network as an ONNX graph that gives logits, features, both further heads and the head's weights.

Large weights are stored in half precision and computed with in single: the release is half as large,
and both engines round the same weights the same way.
"""

import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

from classifier.network import FractureNetwork, Reading

OPSET = 18
_LARGE = 1024  # weights; batch normalisation's own stay whole


def halved(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Large tensors in float16; what counts batches, which nothing reads, left out."""
    return {
        name: (tensor.half() if _is_large(tensor) else tensor).contiguous()
        for name, tensor in state.items()
        if not name.endswith("num_batches_tracked")
    }


def round_as_released(network: FractureNetwork) -> None:
    """Rounds the weights in place to what a release will hold, so that what is measured is what is served."""
    network.load_state_dict(halved(network.state_dict()), strict=False)


def _is_large(tensor: torch.Tensor) -> bool:
    return tensor.is_floating_point() and tensor.ndim > 1 and tensor.numel() >= _LARGE


def write_onnx(network: FractureNetwork, size: int, path: Path) -> None:
    """(N, 3, size, size) ``images`` → a ``Reading``'s fields and ``head_weights`` (10, C)."""
    names = list(Reading._fields)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations
        torch.onnx.export(
            network.eval(),
            (torch.zeros(2, 3, size, size),),
            str(path),
            input_names=["images"],
            output_names=names,
            dynamic_axes={name: {0: "batch"} for name in ("images", *names)},
            opset_version=OPSET,
            # Batch normalisation is not folded into the weights here, or they would no longer be
            # those of the safetensors file; ONNX Runtime folds it when it loads.
            training=torch.onnx.TrainingMode.PRESERVE,
            do_constant_folding=False,
            dynamo=False,
        )
    model = onnx.load(path)
    _give_out_head(model.graph, network)
    _halve(model.graph)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def _give_out_head(graph: onnx.GraphProto, network: FractureNetwork) -> None:
    """The activation map needs the head's weights: an output, so that ONNX alone can serve."""
    shape = list(network.head.weight.shape)
    (weights,) = [each.name for each in graph.initializer if list(each.dims) == shape]
    graph.node.append(helper.make_node("Identity", [weights], ["head_weights"]))
    graph.output.append(
        helper.make_tensor_value_info("head_weights", onnx.TensorProto.FLOAT, shape)
    )


def _halve(graph: onnx.GraphProto) -> None:
    """Stores large initializers as float16, each with a cast in front of its readers."""
    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32 and values.ndim > 1 and values.size >= _LARGE:
            name = tensor.name
            tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
            casts.append(
                helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT)
            )
    for index, node in enumerate(casts):
        graph.node.insert(index, node)
