"""One tiny run of detectors: drawn collections, two folds, two epochs; and a release with other types."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.training.conftest import RECIPE, Project
from tests.training.fitting.detection.drawn import draw_boxes, draw_fracatlas
from training.datasets.detector_pictures import Pictures, read_pictures

DETECTOR = """
[detector]
size = 64
stored_size = 80
epochs = 2
batch = 8
views = 2
healthy_views = 1
healthy = 8
learning_rate = 0.002
backbone_rate = 0.5
weight_decay = 0.05
ema = 0.5
box_weight = 0.5
picture_weight = 0.5
strongest_weight = 0.3
pool_weight = 2.0
altered = 4
mirrored = true
"""


@pytest.fixture(scope="session")
def detected(trained, tmp_path_factory) -> Project:
    """The drawn project with boxes, whose detectors were fitted and exported by the commands themselves."""
    folder = tmp_path_factory.mktemp("detected")
    data = folder / "data"
    for name in ("bone-break", "multi-region"):
        shutil.copytree(trained.data / name, data / name)
    draw_fracatlas(data / "fracatlas")
    draw_boxes(data / "boxes")
    recipe = RECIPE.replace("0.1.0", "0.2.0").replace("fracture_epochs = 2\n", "") + DETECTOR
    (folder / "drawn.toml").write_text(recipe)
    project = Project(data, folder / "drawn.toml", folder / "run", folder / "releases")
    assert project.command("fit", "--only", "detector-*") == 0
    types = next(trained.releases.iterdir())
    releases = ("--releases", str(project.releases), "--types", str(types))
    assert project.command("export", *releases) == 0
    return replace(project)


@pytest.fixture(scope="session")
def pictures(detected) -> Pictures:
    return read_pictures(detected.data, 80, progress=False)


@pytest.fixture(scope="session")
def released(detected) -> Path:
    (folder,) = detected.releases.iterdir()
    return folder
