"""One tiny training run that the tests of this folder look at: drawn pictures, two folds, one epoch."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.training.drawn import draw_bones, draw_dataset
from training.__main__ import main
from training.config import Config
from training.datasets import drawn_bones
from training.fitting import kinds_record

RECIPE = """
name = "drawn"
version = "0.1.0"
seed = 3
repeats = 1
folds = 2
backbone = "efficientnet-lite0"
members = 2
mirrored = true
size = 64
cache_size = 72
frozen_blocks = 12
epochs = 2
views = 2
batch = 8
learning_rate = 0.001
backbone_rate = 0.3
weight_decay = 0.01
label_smoothing = 0.1
ema = 0.5
fracture_epochs = 2
foreign_each = 1
threads = 1
"""


@pytest.fixture(scope="session", autouse=True)
def few_drawn_bones(whole_form) -> Iterator[None]:
    """One drawn bone of each label instead of twelve, but in the whole form: drawing them takes a minute."""
    with pytest.MonkeyPatch.context() as patch:
        if not whole_form:
            for module in (drawn_bones, kinds_record):
                patch.setattr(module, "EACH", 1)
        yield


@dataclass(frozen=True)
class Project:
    """Where the pictures, the recipe, the run and the releases of a drawn project lie."""

    data: Path
    config: Path
    run: Path
    releases: Path

    def command(self, name: str, *more: str) -> int:
        paths = ["--data", str(self.data), "--config", str(self.config), "--run", str(self.run)]
        return main([name, *paths, *more])

    @property
    def recipe(self) -> Config:
        return Config.read(self.config)


@pytest.fixture(scope="session")
def trained(few_drawn_bones, tmp_path_factory) -> Project:
    """Fitted and exported by the commands themselves."""
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "drawn.toml").write_text(RECIPE)
    data = folder / "data"
    draw_dataset(data / "bone-break")
    draw_bones(data / "multi-region")
    draw_bones(data / "fracatlas", 3, seed=7)
    project = Project(data, folder / "drawn.toml", folder / "run", folder / "releases")
    assert project.command("fit") == 0
    assert project.command("export", "--releases", str(project.releases)) == 0
    return project
