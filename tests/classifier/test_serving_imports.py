"""Serving needs ONNX Runtime and no torch; the engine is loaded no sooner than it is used."""

import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY

CLASSIFY = """
import sys
from pathlib import Path
import numpy as np
from classifier.classify import Classifier
from classifier.radiograph import Radiograph
assert "onnxruntime" not in sys.modules
release = Path(sys.argv[1])
(finding,) = Classifier(release).classify([Radiograph(np.eye(40, dtype=np.uint8) * 200, 8, "png")])
assert finding.release
"""
NOT_FOR_SERVING = {
    "torch",
    "torchvision",
    "timm",
    "onnx",
    "sklearn",
    "django",
}


def modules_after(code: str, *arguments: object) -> set[str]:
    """The top names of sys.modules after ``code`` ran in a process of its own."""
    code += "\nimport sys; print(*{name.partition('.')[0] for name in sys.modules})"
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    result = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split())


def test_classifying_needs_nothing_of_training(release):
    loaded = modules_after(CLASSIFY, release.folder)
    assert "onnxruntime" in loaded
    assert not loaded & NOT_FOR_SERVING


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".classify",
        ".boxes",
        ".finding",
        ".release",
        ".engines.onnx",
        ".activation",
        ".__main__",
    ],
)
def test_importing_loads_no_torch(name):
    assert not modules_after(f"import classifier{name}") & NOT_FOR_SERVING


@pytest.mark.parametrize("name", [".finding", ".release", ".boxes", ".call", ".radiograph"])
def test_what_the_site_imports_loads_no_scipy(name):
    """It takes a third of a second and some 40 MB; only who classifies needs it."""
    assert "scipy" not in modules_after(f"import classifier{name}")
