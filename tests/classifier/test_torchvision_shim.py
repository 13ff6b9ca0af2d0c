"""torchvision beside a CPU torch: imported as it is where that works, else with two schemas declared."""

import importlib
import subprocess
import sys
from types import ModuleType

import pytest
import torch

from classifier.torchvision_shim import import_torchvision
from tests.conftest import REPOSITORY

TRANSFORM = """
from classifier.torchvision_shim import import_torchvision
assert import_torchvision().__version__
import torch
from torchvision.transforms import v2
assert v2.functional.horizontal_flip(torch.tensor([[[1.0, 2.0]]])).tolist() == [[[2.0, 1.0]]]
assert import_torchvision() is import_torchvision()
"""


@pytest.fixture
def imports(monkeypatch):
    """A torchvision whose imports end as the list says, and the schemas declared meanwhile."""
    outcomes, declared = [], []

    def import_module(name):
        assert name == "torchvision"
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(importlib, "import_module", import_module)
    monkeypatch.setattr(torch.library, "define", lambda name, schema: declared.append(name))
    return outcomes, declared


def test_transforms_work_here():
    result = subprocess.run(
        [sys.executable, "-c", TRANSFORM],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def test_a_working_torchvision_is_left_alone(imports):
    outcomes, declared = imports
    outcomes.append(ModuleType("torchvision"))
    import_torchvision()
    assert declared == []


def test_a_missing_operator_is_declared_once(imports):
    outcomes, declared = imports
    found = ModuleType("torchvision")
    outcomes += [RuntimeError("operator torchvision::nms does not exist"), found]
    assert import_torchvision() is found
    assert declared == ["torchvision::nms", "torchvision::qnms"]


def test_another_failure_is_not_hidden(imports):
    outcomes, declared = imports
    outcomes.append(RuntimeError("libcudart is missing"))
    with pytest.raises(RuntimeError, match="libcudart"):
        import_torchvision()
    assert declared == []
