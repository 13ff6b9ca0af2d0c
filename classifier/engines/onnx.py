"""ONNX Runtime on the CPU: the engine that serves."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as errors

from classifier.engines import Scores
from classifier.engines.networks import DETECTOR_INPUT, TYPES_INPUT, check_networks
from classifier.release import LoadedRelease
from classifier.release_errors import ReleaseCorrupt

__all__ = ["DETECTOR_INPUT", "TYPES_INPUT", "OnnxEngine", "graph_inputs"]
# The errors of ONNX Runtime for a file that is not a graph, or that it can't run.
_NO_GRAPH = (
    *(errors.InvalidProtobuf, errors.InvalidGraph, errors.InvalidArgument, errors.NoModel),
    *(errors.NotImplemented, errors.Fail),
)


class OnnxEngine:
    """One session. ``threads`` is the size of its pool; one is best where workers share a machine.

    Raises:
        classifier.release_errors.ReleaseCorrupt: the graph can't be run, or is of other networks than the
            manifest says.
    """

    def __init__(self, release: LoadedRelease, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = _session(release.file("onnx"), options)
        check_networks(release, _shapes(self._session))
        if not {"fracture", "kinds"} <= {output.name for output in self._session.get_outputs()}:
            raise ReleaseCorrupt("no_fracture_score", path=release.file("onnx"))
        self.head_weights = self._constant("head_weights")

    def _constant(self, name: str) -> np.ndarray:
        """The head's weights, which are an output of the graph."""
        feed = {key: np.zeros(shape, np.float32) for key, shape in self._inputs().items()}
        (value,) = self._session.run([name], feed)
        return np.asarray(value)

    def _inputs(self) -> dict[str, list[int]]:
        """Input → its shape for one picture."""
        return {name: [1, *shape[1:]] for name, shape in _shapes(self._session).items()}

    def run(self, batch: np.ndarray, detector_batch: np.ndarray | None = None) -> Scores:
        """Runs one picture after the other. A batch of eight on one thread takes a quarter longer, because
        its activations don't fit into the processor's cache.
        """
        outputs = [output.name for output in self._session.get_outputs()]
        names = [name for name in outputs if name != "head_weights"]
        batches = {TYPES_INPUT: batch}
        if detector_batch is not None:
            batches[DETECTOR_INPUT] = detector_batch
        runs = [
            self._session.run(names, {key: pictures[at][None] for key, pictures in batches.items()})
            for at in range(len(batch))
        ]
        parts = (np.concatenate(part) for part in zip(*runs, strict=True))
        found = dict(zip(names, parts, strict=True))
        found["fracture"] = found["fracture"][:, 0]
        return Scores(**found)


def graph_inputs(path: Path) -> dict[str, list[Any]]:
    """Input → its shape in the graph. The graph is read, but not optimised. Raises ReleaseCorrupt."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    return _shapes(_session(path, options))


def _session(path: Path, options: onnxruntime.SessionOptions) -> onnxruntime.InferenceSession:
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except _NO_GRAPH as error:
        if "allocate memory" in str(error):  # the machine's fault, not the file's
            raise
        raise ReleaseCorrupt("not_run", said=f"{type(error).__name__}: {error}") from error


def _shapes(session: onnxruntime.InferenceSession) -> dict[str, list[Any]]:
    return {given.name: given.shape for given in session.get_inputs()}
