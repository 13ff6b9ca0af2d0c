"""A person's own backbone: from a file of weights to a release that both engines read; what is refused."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors.torch import load_file, save_file

from classifier.backbones import timm
from classifier.classify import Classifier
from classifier.detector import DetectorNetwork
from classifier.network import FractureNetwork
from classifier.radiograph import read_radiograph
from tests.conftest import REPOSITORY
from tests.training.conftest import Project
from training.errors import TrainingError
from training.fitting.detection.augmented_views import _key as view_key
from training.fitting.kinds_record import FILE, MATERIAL
from training.fitting.run import DetectorRun
from training.networks.device import Device
from training.networks.graph import round_as_released, save_weights, write_onnx
from training.networks.own_backbone import OwnBackbone

TINY = "test_resnet"
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def write_weights(path: Path, change: Any = lambda _: None, seed: int = 1, **metadata: str) -> Path:
    """Random weights of a tiny architecture under timm's names; ``change`` may alter them in place."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        state = dict(timm.create_model(TINY, pretrained=False).state_dict())
    change(state)
    save_file(state, path, metadata)
    return path


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("own") / "tiny=own.safetensors"
    told = {"architecture": TINY, "mean": json.dumps(MEAN), "std": json.dumps(STD)}
    return write_weights(path, **told)


@pytest.fixture(scope="module")
def owned(detected, weights, tmp_path_factory) -> Project:
    """Fitted and exported by the commands, on the drawn collections."""
    folder = tmp_path_factory.mktemp("owned")
    project = replace(detected, run=folder / "run", releases=folder / "releases")
    project.run.mkdir()
    for name in (FILE, MATERIAL):  # of the same data and recipe
        shutil.copy(detected.run / name, project.run)
    assert project.command("fit", "--only", "detector-*", "--backbone", str(weights)) == 0
    types = next((detected.data.parent / "releases").iterdir())
    releases = ("--releases", str(project.releases), "--types", str(types))
    assert project.command("export", *releases) == 0
    return project


def test_the_release_names_the_backbone_and_not_where_it_lay(owned, weights):
    (released,) = owned.releases.iterdir()
    manifest = (released / "manifest.json").read_text()
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    said = {"architecture": TINY, "sha256": digest, "mean": MEAN, "std": STD}
    assert json.loads(manifest)["config"]["detector_backbone"] == said
    card = (released / "MODEL_CARD.md").read_text()
    assert f"own backbone:\n{TINY}, SHA-256 {digest}" in card
    assert "the same\nbackbone" not in card
    for text in (manifest, card):
        assert weights.name not in text


def test_both_engines_read_the_release(owned):
    (released,) = owned.releases.iterdir()
    path = owned.data / "fracatlas" / "Fractured" / "IMG0000001.png"
    radiograph = read_radiograph(path.read_bytes(), path.name)
    on_onnx, on_torch = (
        Classifier(released, engine=name).classify([radiograph])[0] for name in ("onnx", "torch")
    )
    assert on_onnx.fracture_map is not None
    assert on_onnx.fracture_map == pytest.approx(on_torch.fracture_map, abs=1e-4)
    assert on_onnx.fracture_probability == pytest.approx(on_torch.fracture_probability, abs=1e-4)
    assert on_onnx.focus == on_torch.focus


def test_training_leaves_the_trunk_and_its_statistics_as_they_were(owned, weights):
    own = OwnBackbone.read(str(weights), 64)
    trunk = {
        f"{kind}.{name}"
        for kind, module in (("stem", own.detector().stem), ("stages", own.detector().stages))
        for name in module.state_dict()
        if kind == "stem" or int(name.split(".")[0]) < 3  # the first two layers and what is before
    }
    learnt = load_file(owned.run / "detector-final.safetensors")
    assert any("running_mean" in name for name in trunk)
    for name, tensor in own.tensors.items():
        if name in trunk:
            assert torch.equal(learnt[name], tensor), name
    assert any(
        not torch.equal(learnt[name], tensor)
        for name, tensor in own.tensors.items()
        if name not in trunk
    )


def test_views_of_one_backbone_are_not_taken_for_another_s(detected, pictures, weights):
    """And those of the default one are found where they lay before there were others."""
    own = OwnBackbone.read(str(weights), 64)
    backbones = (None, own, replace(own, sha256="0" * 64), replace(own, mean=(0.1, 0.1, 0.1)))
    run = DetectorRun(detected.recipe, pictures, detected.run, Device("cpu"), False)
    keys = [view_key(replace(run, backbone=backbone)) for backbone in backbones]
    assert len(set(keys)) == 4
    lines = ["1 3 64 80 2 1", *(f"{row.sha256} {row.boxes}" for row in pictures.rows)]
    assert keys[0] == hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def test_a_run_belongs_to_one_backbone(owned, tmp_path, capsys):
    other = write_weights(tmp_path / "other.safetensors", seed=2, architecture=TINY)
    for more in (("--backbone", str(other)), ()):
        assert owned.command("fit", "--only", "detector-*", *more) == 1
        assert "was started with another recipe, backbone or data" in capsys.readouterr().err


@pytest.mark.parametrize("architecture", ["test_efficientnet", "test_convnext"])
def test_the_graph_of_another_architecture_gives_what_torch_gives(architecture, tmp_path):
    """``test_both_engines_read_the_release`` is of a ResNet."""
    torch.manual_seed(0)
    types = FractureNetwork("efficientnet-lite0").eval()
    detector = DetectorNetwork(architecture, width=16, mean=MEAN, std=STD)
    noise = torch.randn(2, 3, 64, 64)
    detector.train()(noise)
    round_as_released(detector.eval())
    save_weights(tmp_path / "model.safetensors", types, detector)
    write_onnx(tmp_path / "model.safetensors", 64, tmp_path / "model.onnx", 64)
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    inputs = {"images": noise.numpy(), "detector_images": noise.numpy()}
    found = session.run(["heat", "extent", "fracture"], inputs)
    with torch.no_grad():
        for one, other in zip(found, detector(noise), strict=True):
            assert np.allclose(one, other.numpy(), atol=1e-4)


def test_what_the_detector_does_not_run_may_be_there_and_half_precision_too(tmp_path):
    def change(state: dict[str, torch.Tensor]) -> None:
        state |= {name: each.half() for name, each in state.items() if each.is_floating_point()}
        state["fc.weight"] = torch.zeros(7, 96)  # of other classes
        del state["fc.bias"]

    path = write_weights(tmp_path / "own.safetensors", change)
    own = OwnBackbone.read(f"{TINY}={path}", 64)
    assert own.detector().stem[0][0].weight.dtype == torch.float32
    assert own.mean == (0.5, 0.5, 0.5)  # timm's own word of this architecture


def _without(name: str) -> Any:
    return lambda state: state.pop(name)


def _with(name: str, tensor: torch.Tensor) -> Any:
    return lambda state: state.update({name: tensor})


@pytest.mark.parametrize(
    ("change", "given", "told", "said"),
    [
        (
            None,
            "",
            {},
            "doesn't say which architecture it holds. Name it: --backbone ARCHITECTURE=",
        ),
        (None, "resnet_of_nobody=", {}, "timm has no architecture 'resnet_of_nobody'"),
        (None, f"{TINY}.nobody=", {}, "Invalid pretrained tag"),
        (None, "", {"architecture": "test_vit"}, "no chain of maps at strides 8, 16 and 32"),
        (None, "test_mambaout=", {"architecture": TINY}, f"says that it holds {TINY}, not test_m"),
        (_without("layer3.0.conv1.weight"), f"{TINY}=", {}, "it lacks layer3.0.conv1.weight"),
        (
            _with("layer9.weight", torch.zeros(1)),
            f"{TINY}=",
            {},
            "has layer9.weight, which timm doesn't know there",
        ),
        (_with("bn1.weight", torch.zeros(5)), f"{TINY}=", {}, "bn1.weight has the shape [5]"),
        (
            _with("bn1.weight", torch.full((32,), torch.nan)),
            f"{TINY}=",
            {},
            "its weights give numbers that are not finite",
        ),
        (None, f"{TINY}=", {"mean": "[0.5]", "std": "[1, 1, 1]"}, "must be lists of three numbers"),
        (None, f"{TINY}=", {"mean": "[0, 0, 0]"}, "must be lists of three numbers"),
        *(
            (None, f"{TINY}=", {"mean": mean, "std": std}, "in units of 0..1")
            for mean, std in (
                ("[0, 0, 0]", "[Infinity, 1, 1]"),
                ("[0, 0, 0]", "[NaN, 1, 1]"),
                ("[NaN, 0, 0]", "[1, 1, 1]"),
                ("[124, 116, 104]", "[58, 57, 57]"),
                ("[124, 116, 104]", "[1, 1, 1]"),
                ("[0, 0, 0]", "[1, 1, 0]"),
            )
        ),
    ],
)
def test_another_file_is_refused_in_a_sentence(change, given, told, said, tmp_path):
    path = write_weights(tmp_path / "own.safetensors", change or (lambda _: None), **told)
    with pytest.raises(TrainingError) as refused:
        OwnBackbone.read(f"{given}{path}", 64)
    text = str(refused.value)
    assert said in text
    assert str(path) in text
    assert "\n" not in text


def test_an_architecture_of_other_maps_is_refused(tmp_path):
    """It gives its channels last."""
    path = tmp_path / "own.safetensors"
    model = timm.create_model("test_mambaout", pretrained=False)
    save_file(model.state_dict(), path, {"architecture": "test_mambaout"})
    with pytest.raises(TrainingError, match="no maps at strides 8, 16 and 32 of 64 × 64 pixels"):
        OwnBackbone.read(str(path), 64)


def test_what_is_no_such_file_is_refused_before_anything_is_read(detected, tmp_path, capsys):
    broken = tmp_path / "own.safetensors"
    broken.write_bytes(b"no weights")
    for path, said in ((broken, "not a safetensors file"), (tmp_path / "none", "There is no file")):
        arguments = ("fit", "--backbone", str(path), "--run", str(tmp_path / "run"))
        assert detected.command(*arguments) == 1
        assert said in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_recipe_without_a_detector_takes_no_backbone(trained, weights, capsys):
    assert trained.command("fit", "--backbone", str(weights)) == 1
    assert "has no [detector], which --backbone is for" in capsys.readouterr().err


@pytest.mark.parametrize("kind", [torch.int32, torch.int8, torch.bool])
def test_weights_that_are_no_floating_point_numbers_are_refused(kind, tmp_path):
    """Quantised weights mean nothing without their scale."""

    def quantised(state: dict[str, torch.Tensor]) -> None:
        name = next(name for name in state if name.endswith("conv1.weight"))
        state[name] = (state[name] * 100).to(kind)

    path = write_weights(tmp_path / "weights.safetensors", quantised, architecture=TINY)
    with pytest.raises(TrainingError, match=r"conv1\.weight .* floating point"):
        OwnBackbone.read(str(path), 64)


def test_the_lines_of_the_document_write_a_file_that_is_read(tmp_path):
    """In a process of its own: ``import timm`` alone fails beside a CPU build of torch."""
    text = (REPOSITORY / "training/README.md").read_text().split("## Your own backbone")[1]
    lines = textwrap.dedent(text.split("```python\n")[1].split("```")[0])
    script = lines.replace('"resnet50', '"resnet18')
    command = [sys.executable, "-c", script]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, timeout=120)
    assert OwnBackbone.read(str(tmp_path / "resnet18.safetensors"), 64).architecture == "resnet18"
