"""ONNX Runtime on the CPU: the engine that serves."""

from pathlib import Path

import numpy as np
import onnxruntime

from classifier.engines import Scores
from classifier.release import LoadedRelease


class OnnxEngine:
    """One session. ``threads`` is the size of its pool; one is best where workers share a machine."""

    def __init__(self, release: LoadedRelease, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        path: Path = release.file("onnx")
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        self.head_weights = self._constant("head_weights")

    def _constant(self, name: str) -> np.ndarray:
        """The head's weights, which the graph gives out beside its results."""
        shape = [1 if not isinstance(each, int) else each for each in self._input.shape]
        (value,) = self._session.run([name], {self._input.name: np.zeros(shape, np.float32)})
        return np.asarray(value)

    @property
    def _input(self) -> onnxruntime.NodeArg:
        return self._session.get_inputs()[0]

    def run(self, batch: np.ndarray, detector_batch: np.ndarray | None = None) -> Scores:
        """One picture after the other: on one thread a batch of eight takes a quarter longer, since its
        activations no longer fit the processor's cache.
        """
        names = [each.name for each in self._session.get_outputs() if each.name != "head_weights"]
        runs = [self._session.run(names, {self._input.name: one[None]}) for one in batch]
        parts = (np.concatenate(part) for part in zip(*runs, strict=True))
        found = dict(zip(names, parts, strict=True))
        if "fracture" in found:
            found["fracture"] = found["fracture"][:, 0]
        return Scores(**found)
