"""A recipe is read strictly."""

from typing import get_type_hints

import pytest

from training.config import _RANGES, Config
from training.detector_config import RANGES, DetectorConfig
from training.errors import TrainingError


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name = ", "is no TOML"),
        ('nme = "a"', "unknown keys: nme"),
        ('name = "a"', "lacks 'version', 'seed'"),
        ('name = "caf\xe9"', "is no TOML"),
        (None, "There is no configuration"),
    ],
)
def test_a_wrong_recipe_says_what_is_wrong(tmp_path, text, complaint):
    if text is not None:
        (tmp_path / "a.toml").write_text(text, encoding="latin-1")
    with pytest.raises(TrainingError, match=complaint):
        Config.read(tmp_path / "a.toml")


def test_each_number_of_a_recipe_has_a_range():
    """A number without one is not checked: a slip of the pen would cost a night of training."""
    for made, ranges in ((Config, _RANGES), (DetectorConfig, RANGES)):
        numbers = {name for name, kind in get_type_hints(made).items() if kind in (int, float)}
        assert numbers == set(ranges)


@pytest.mark.parametrize(
    ("line", "wrong", "complaint"),
    [
        ("seed = 3", 'seed = "three"', "seed is 'three' and must be of type int"),
        ("mirrored = true", "mirrored = 1", "mirrored is 1 and must be of type bool"),
        ("folds = 2", "folds = 1", "folds is 1 and must lie between 2 and 20"),
        ("frozen_blocks = 12", "frozen_blocks = 99", "frozen_blocks is 99"),
        ("learning_rate = 0.001", "learning_rate = 0", "learning_rate is 0 and must lie between"),
        ("ema = 0.5", "ema = 1.0", "ema is 1.0 and must lie between"),
        ("cache_size = 72", "cache_size = 63", "cache_size is 63 and must be at least size, 64"),
        ("seed = 3", "seed = -5", "seed is -5 and must lie between 0"),
        ('name = "drawn"', 'name = "../drawn"', "name is '../drawn' and must be of letters"),
        ('version = "0.1.0"', 'version = "1/0"', "version is '1/0' and must be of letters"),
    ],
)
def test_a_value_of_another_type_or_out_of_range_is_named(
    trained, tmp_path, line, wrong, complaint
):
    (tmp_path / "a.toml").write_text(trained.config.read_text().replace(line, wrong))
    with pytest.raises(TrainingError, match=complaint):
        Config.read(tmp_path / "a.toml")


def test_a_recipe_of_an_unknown_backbone_is_refused(trained, tmp_path):
    text = trained.config.read_text().replace("efficientnet-lite0", "resnet-9000")
    (tmp_path / "a.toml").write_text(text)
    with pytest.raises(TrainingError, match="backbone must be one of"):
        Config.read(tmp_path / "a.toml")
