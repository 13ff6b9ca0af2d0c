"""What a file says of its detector's shape is read or refused with one error, whatever is wrong with it."""

import json

import pytest
import torch
from safetensors.torch import save_file

from classifier.detector import load_detector


@pytest.mark.parametrize(
    "shape",
    [
        {"backbone": "tf_efficientnet_lite0", "widthx": 64},
        {"backbone": 5},
        {"backbone": None},
        {"backbone": "hf-hub:nobody/nothing"},
        {"backbone": "tf_efficientnet_lite0", "width": "64"},
        {"backbone": "tf_efficientnet_lite0", "width": -1},
        {"backbone": "tf_efficientnet_lite0", "width": 8},
        {"backbone": "tf_efficientnet_lite0", "dropout": 7},
        {"backbone": "tf_efficientnet_lite0", "mean": "abc", "std": 3},
        [1],
        None,
        7,
    ],
    ids=str,
)
def test_metadata_of_another_shape_are_a_value_error(tmp_path, shape):
    path = tmp_path / "model.safetensors"
    # Of the right name and of no shape that a network has.
    save_file({"heat.weight": torch.zeros(3)}, path, {"detector": json.dumps(shape)})
    with pytest.raises(ValueError, match=r"model\.safetensors"):
        load_detector(path)


def test_metadata_that_are_no_json_are_a_value_error(tmp_path):
    path = tmp_path / "model.safetensors"
    save_file({"heat.weight": torch.zeros(3)}, path, {"detector": "{"})
    with pytest.raises(ValueError, match=r"model\.safetensors"):
        load_detector(path)
