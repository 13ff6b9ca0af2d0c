"""Torch: the reference that tests compare ONNX Runtime with, and the engine for CUDA."""

import numpy as np
import torch
from safetensors import SafetensorError

from classifier.detector import load_detector
from classifier.engines import NO_CUDA, EngineUnavailable, Scores
from classifier.engines.networks import check_networks
from classifier.engines.onnx import graph_inputs
from classifier.network import load_weights
from classifier.release import LoadedRelease
from classifier.release_errors import ReleaseCorrupt


class TorchEngine:
    """The networks in evaluation mode. ``device`` is "cpu" or "cuda"; None is CUDA if there is a device.

    Raises:
        EngineUnavailable: there is no CUDA device.
        classifier.release_errors.ReleaseCorrupt: the weights or the graph are of other networks than the
            manifest says.
    """

    def __init__(self, release: LoadedRelease, threads: int = 1, device: str | None = None) -> None:
        torch.set_num_threads(threads)
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        if self._device == "cuda" and not torch.cuda.is_available():
            raise EngineUnavailable(NO_CUDA)
        # TF32, cuDNN's default, has a mantissa of 10 bits. The release was evaluated in float32, and near an
        # operating point the third decimal changes the call.
        torch.backends.cudnn.allow_tf32 = False
        # Torch runs these networks at any size. The graph's size is the one that was evaluated.
        check_networks(release, graph_inputs(release.file("onnx")))
        path, detector = release.file("safetensors"), None
        try:
            network = load_weights(path)
            if release.detector is not None:
                detector = load_detector(path)
        except (ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
            raise ReleaseCorrupt("not_run", said=f"{type(error).__name__}: {error}") from error
        self._network = network.to(self._device).eval()
        self._detector = None if detector is None else detector.to(self._device).eval()
        self.head_weights = self._network.head.weight.detach().cpu().numpy()

    @torch.inference_mode()
    def run(self, batch: np.ndarray, detector_batch: np.ndarray | None = None) -> Scores:
        output = self._network(torch.from_numpy(batch).to(self._device))
        logits, features, fracture, kinds = (tensor.cpu().numpy() for tensor in output)
        if self._detector is None or detector_batch is None:
            return Scores(logits, features, fracture[:, 0], kinds)
        maps = self._detector(torch.from_numpy(detector_batch).to(self._device))
        heat, extent, fracture = (tensor.cpu().numpy() for tensor in maps)
        return Scores(logits, features, fracture[:, 0], kinds, heat, extent)
