"""Opens an engine by its name: ``onnx`` (ONNX Runtime, CPU) or ``torch`` (CPU or CUDA)."""

import subprocess
import sys
from importlib.util import find_spec

from classifier.engines import NO_CUDA, Engine, EngineUnavailable
from classifier.engines.undisturbed import undisturbed
from classifier.release import LoadedRelease

# The packages of each engine. Both read the ONNX graph, to compare it with the manifest.
PACKAGES = {
    "onnx": ("onnxruntime", "safetensors", "scipy"),
    "torch": ("onnxruntime", "safetensors", "scipy", "timm", "torch", "torchvision"),
}
DEVICES = {"onnx": ("cpu",), "torch": ("cpu", "cuda")}
_CUDA_SECONDS = 120  # importing torch from a cold disk takes a minute


def check_engine(name: str, device: str | None = None) -> None:
    """Checks that the engine can run here, without importing it.

    A process that forks later may call this. CUDA can't be used in a child whose parent has used it, so
    another process looks for the device.

    Args:
        name: "onnx" or "torch".
        device: "cpu" or "cuda"; None is the best one available.

    Raises:
        EngineUnavailable: a package is missing, the engine doesn't run on the device, or there is none.
    """
    _check_installed(name, device)
    if device == "cuda" and not _finds_cuda():
        raise EngineUnavailable(NO_CUDA)


def _check_installed(name: str, device: str | None) -> None:
    if missing := [package for package in PACKAGES[name] if find_spec(package) is None]:
        raise EngineUnavailable(
            f"The engine {name!r} needs {', '.join(missing)}, which this installation lacks. "
            "Install requirements-worker.txt."
        )
    if device is not None and device not in DEVICES[name]:
        raise EngineUnavailable(f"The engine {name!r} doesn't run on {device!r}. Use 'torch'.")


def open_engine(
    name: str, release: LoadedRelease, threads: int = 1, device: str | None = None
) -> Engine:
    """The release's networks, ready to run. For ``name`` and ``device`` see ``check_engine``.

    Args:
        release: whose files are read.
        threads: of the processor, at least 1.

    Raises:
        EngineUnavailable: see ``check_engine``.
        classifier.release_errors.ReleaseCorrupt: the files hold other networks than the manifest says.
    """
    _check_installed(name, device)
    # Imported here and not above: a fork after an engine started its threads can hang, and a worker forks.
    if name == "onnx":
        with undisturbed():
            from classifier.engines.onnx import OnnxEngine

        return OnnxEngine(release, threads)
    with undisturbed():
        from classifier.engines.torch import TorchEngine

    return TorchEngine(release, threads, device)


def _finds_cuda() -> bool:
    look = "import sys, torch; sys.exit(not torch.cuda.is_available())"
    done = subprocess.run([sys.executable, "-c", look], check=False, timeout=_CUDA_SECONDS)
    return done.returncode == 0
