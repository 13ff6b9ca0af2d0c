"""Backbones of the detector: the maps are timm's own, and pictures come as the weights expect them."""

from typing import Any

import pytest
import torch

from classifier.backbones import Corrected, backbone_of, timm
from classifier.detector import BACKBONE, DetectorNetwork, load_detector, shape_of_detector
from classifier.preprocess import Preprocessing

IMAGENET = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(3))


def _with_weights_of(network: DetectorNetwork, architecture: str) -> Any:
    """timm's list of features, with the network's weights."""
    plain: Any = timm.create_model(architecture, pretrained=False, features_only=True).eval()
    theirs = {name.replace(".", "_"): name for name in plain.state_dict()}
    sources = backbone_of(architecture).timm_names
    own = {}
    for name, tensor in network.state_dict().items():
        child = ".".join(name.split(".")[:2])
        if name.startswith(("stem.", "stages.")):
            joined = (sources[child] + name.removeprefix(child)).replace(".", "_")
            own[theirs[joined]] = tensor
    plain.load_state_dict(own)
    return plain


@pytest.mark.parametrize(
    "architecture",
    ["test_efficientnet", "mobilenetv3_small_050", "test_resnet", "test_convnext", "test_byobnet"],
)
def test_the_three_maps_are_those_of_timm(architecture, images):
    network = DetectorNetwork(architecture, width=8).eval()
    looked_at = {}
    for lateral in ("lateral_8", "lateral_16", "lateral_32"):
        network.get_submodule(lateral).register_forward_hook(
            lambda _, inputs, __, lateral=lateral: looked_at.update({lateral: inputs[0]})
        )
    plain = _with_weights_of(network, architecture)
    with torch.no_grad():
        heat = network(images).heat
        expected = dict(zip(plain.feature_info.reduction(), plain(images), strict=True))
    assert heat.shape == (2, 8, 8)
    for stride in (8, 16, 32):
        assert torch.allclose(looked_at[f"lateral_{stride}"], expected[stride], atol=1e-5)


def test_the_defaults_tensors_keep_their_names():
    """Files of detectors that were trained before have them."""
    plain = timm.create_model(BACKBONE, pretrained=False, num_classes=0)
    names = [name for name in plain.state_dict() if not name.startswith(("conv_head", "bn2"))]
    parts = {"conv_stem": "stem.0", "bn1": "stem.1", "blocks": "stages"}
    expected = [f"{parts[name.split('.')[0]]}.{name.partition('.')[2]}" for name in names]
    own = list(DetectorNetwork().state_dict())
    assert own[:1] == ["pool_weight"]
    assert own[1 : 1 + len(expected)] == expected
    assert {name.split(".")[0] for name in own[1 + len(expected) :]} == {
        *("lateral_8", "lateral_16", "lateral_32", "smooth_8", "smooth_16"),
        *("tower", "heat", "extent", "picture"),
    }
    assert shape_of_detector(DetectorNetwork()) == {
        "detector": '{"backbone": "tf_efficientnet_lite0", "width": 64, "dropout": 0.2}'
    }


def test_weights_see_pictures_normalised_as_they_learnt():
    picture = torch.rand(2, 1, 16, 16).expand(-1, 3, -1, -1)
    ours = Preprocessing(size=16)
    mean, std = (torch.tensor(IMAGENET[key])[:, None, None] for key in ("mean", "std"))
    found = Corrected(**IMAGENET)((picture - ours.mean) / ours.std)
    assert torch.allclose(found, (picture - mean) / std, atol=1e-5)


def test_a_file_keeps_what_its_weights_expect(tmp_path, images):
    from safetensors.torch import save_file

    network = DetectorNetwork("test_resnet", width=8, **IMAGENET).eval()
    save_file(network.state_dict(), tmp_path / "d.safetensors", shape_of_detector(network))
    loaded = load_detector(tmp_path / "d.safetensors").eval()
    uncorrected = DetectorNetwork("test_resnet", width=8).eval()
    uncorrected.load_state_dict(network.state_dict())
    with torch.no_grad():
        assert torch.equal(loaded(images).heat, network(images).heat)
        assert not torch.allclose(uncorrected(images).heat, network(images).heat)


@pytest.mark.parametrize(
    "name", ["resnet_of_nobody", "hf-hub:somebody/something", "local-dir:/tmp"]
)
def test_a_name_that_timm_does_not_have_is_refused_and_fetches_nothing(name):
    with pytest.raises(ValueError, match="timm has no architecture"):
        DetectorNetwork(name)


@pytest.mark.parametrize("name", ["test_vit", "test_vit2"])
def test_what_gives_no_chain_of_maps_is_refused(name):
    with pytest.raises(ValueError, match="no chain of maps at strides 8, 16 and 32"):
        DetectorNetwork(name)
