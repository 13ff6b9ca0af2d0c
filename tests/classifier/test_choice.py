"""Which engine can run here: the answer names what is missing, and no engine is imported for it."""

import subprocess
import sys

import pytest

from classifier.engines import EngineUnavailable, choice, ran_out_of_memory


@pytest.mark.parametrize("name", ["onnx", "torch"])
def test_an_engine_with_its_packages_can_run(name):
    choice.check_engine(name)
    choice.check_engine(name, "cpu")


@pytest.mark.parametrize(
    ("name", "absent", "needed"),
    [
        ("onnx", {"onnxruntime"}, "onnxruntime, "),
        ("torch", {"torch", "timm"}, "timm, torch, "),
    ],
)
def test_a_missing_package_is_named_with_what_to_install(monkeypatch, name, absent, needed):
    found = choice.find_spec
    monkeypatch.setattr(
        choice, "find_spec", lambda package: None if package in absent else found(package)
    )
    with pytest.raises(EngineUnavailable) as caught:
        choice.check_engine(name)
    assert f"needs {needed}" in str(caught.value)
    assert "requirements-worker.txt" in str(caught.value)


def test_a_web_installation_has_neither_engine(monkeypatch):
    monkeypatch.setattr(choice, "find_spec", lambda package: None)
    for name in choice.PACKAGES:
        with pytest.raises(EngineUnavailable):
            choice.open_engine(name, None)


def test_onnx_does_not_run_on_cuda():
    with pytest.raises(EngineUnavailable, match="doesn't run on 'cuda'"):
        choice.check_engine("onnx", "cuda")


def test_the_device_is_looked_for_in_another_process(monkeypatch):
    """CUDA can't be used in a child of a process that has used it."""
    asked = []

    def answered(command, **options):
        asked.append((command[0], options["timeout"]))
        return subprocess.CompletedProcess(command, returncode=1)

    monkeypatch.setattr(choice.subprocess, "run", answered)
    with pytest.raises(EngineUnavailable, match="no CUDA device"):
        choice.check_engine("torch", "cuda")
    assert asked == [(sys.executable, 120)]


def test_a_check_imports_no_engine():
    script = (
        "import sys; from classifier.engines.choice import check_engine; check_engine('onnx'); "
        "check_engine('torch', 'cpu'); sys.exit(bool({'torch', 'onnxruntime'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode == 0


@pytest.mark.parametrize(
    ("error", "is_memory"),
    [
        (MemoryError(), True),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (RuntimeError("[ONNXRuntimeError] Failed to allocate memory for requested buffer"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("a damaged graph"), False),
    ],
)
def test_lack_of_memory_is_told_from_other_errors(error, is_memory):
    """A worker gives the jobs back in the first case; in the second the release is to blame."""
    assert ran_out_of_memory(error) is is_memory
