"""ONNX Runtime on the CPU: the engine that serves."""

from pathlib import Path

import numpy as np
import onnxruntime

from classifier.engines import Scores
from classifier.release import LoadedRelease, ReleaseCorrupt

TYPES_INPUT, DETECTOR_INPUT = "images", "detector_images"


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
        if (release.detector is not None) != (DETECTOR_INPUT in self._inputs()):
            raise ReleaseCorrupt(f"{path} holds other networks than the manifest says.")
        self.head_weights = self._constant("head_weights")

    def _constant(self, name: str) -> np.ndarray:
        """The head's weights, which the graph gives out beside its results."""
        feed = {key: np.zeros(shape, np.float32) for key, shape in self._inputs().items()}
        (value,) = self._session.run([name], feed)
        return np.asarray(value)

    def _inputs(self) -> dict[str, list[int]]:
        """Input → its shape for one picture."""
        return {each.name: [1, *each.shape[1:]] for each in self._session.get_inputs()}

    def run(self, batch: np.ndarray, detector_batch: np.ndarray | None = None) -> Scores:
        """One picture after the other: on one thread a batch of eight takes a quarter longer, since its
        activations no longer fit the processor's cache.
        """
        names = [each.name for each in self._session.get_outputs() if each.name != "head_weights"]
        batches = {TYPES_INPUT: batch}
        if detector_batch is not None:
            batches[DETECTOR_INPUT] = detector_batch
        runs = [
            self._session.run(names, {key: each[at][None] for key, each in batches.items()})
            for at in range(len(batch))
        ]
        parts = (np.concatenate(part) for part in zip(*runs, strict=True))
        found = dict(zip(names, parts, strict=True))
        if "fracture" in found:
            found["fracture"] = found["fracture"][:, 0]
        return Scores(**found)
