"""The detector's network: its shapes, its picture score, its padding, and its file."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from classifier.detector import DetectorNetwork, load_detector, shape_of_detector
from tests.detector_release import untrained_detector


@pytest.fixture(scope="module")
def network() -> DetectorNetwork:
    return untrained_detector()


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randn(2, 3, 128, 128, generator=torch.Generator().manual_seed(3))


def test_its_maps_are_at_stride_8(network, images):
    heat, extent, fracture = network(images)
    assert heat.shape == (2, 16, 16)
    assert extent.shape == (2, 4, 16, 16)
    assert fracture.shape == (2, 1)
    assert (extent > 0).all()


def test_training_can_start_behind_the_frozen_stages(network, images):
    kept = network.trunk(images)
    assert kept.shape == (2, 40, 16, 16)
    for one, other in zip(network.maps(kept), network(images), strict=True):
        assert torch.equal(one, other)


def test_the_pictures_score_adds_the_five_strongest_cells_by_their_weight(network, images):
    with torch.no_grad():
        heat, _, with_cells = network(images)
        weight = network.pool_weight.clone()
        network.pool_weight.zero_()
        alone = network(images).fracture
        network.pool_weight.copy_(weight)
    strongest = heat.flatten(1).sort(1).values[:, -5:].mean(1, keepdim=True)
    assert weight == 0.5
    assert torch.allclose(with_cells, alone + 0.5 * strongest, atol=1e-6)


@pytest.mark.parametrize("side", [64, 96, 448])
def test_fixed_padding_is_what_timm_pads(side):
    """So that weights which were trained elsewhere see what they learnt."""
    from classifier.timm_import import timm

    ours = DetectorNetwork().eval()
    plain = timm.create_model("tf_efficientnet_lite0", pretrained=False, num_classes=0).eval()
    names = [name for name in plain.state_dict() if not name.startswith(("conv_head", "bn2"))]
    values = list(ours.stem.state_dict().values()) + list(ours.stages.state_dict().values())
    missing, _ = plain.load_state_dict(dict(zip(names, values, strict=True)), strict=False)
    assert all(name.startswith(("conv_head", "bn2")) for name in missing)
    images = torch.randn(1, 3, side, side)
    with torch.no_grad():
        expected, last = plain.bn1(plain.conv_stem(images)), ours.trunk(images)
        for stage in plain.blocks[:3]:
            expected = stage(expected)
        assert torch.equal(last, expected)
        for mine, stage in zip(ours.stages[3:], plain.blocks[3:], strict=True):
            last, expected = mine(last), stage(expected)
        assert torch.equal(last, expected)


def test_a_file_says_its_own_shape(tmp_path, images):
    network = DetectorNetwork(width=16, dropout=0.4, pool_weight=0.7).eval()
    save_file(network.state_dict(), tmp_path / "d.safetensors", shape_of_detector(network))
    loaded = load_detector(tmp_path / "d.safetensors").eval()
    assert (loaded.width, loaded.rate, float(loaded.pool_weight)) == (16, 0.4, pytest.approx(0.7))
    with torch.no_grad():
        for one, other in zip(loaded(images), network(images), strict=True):
            assert torch.equal(one, other)


def test_a_mirrored_detector_takes_the_mean_of_both_views(network, images):
    with torch.no_grad():
        plain, other = network(images), network(images.flip(-1))
        network.mirrored = True
        try:
            heat, extent, fracture = network(images)
            turned = network(images.flip(-1))
        finally:
            network.mirrored = False
    assert torch.allclose(heat, (plain.heat + other.heat.flip(-1)) / 2, atol=1e-4)
    assert torch.allclose(fracture, (plain.fracture + other.fracture) / 2, atol=1e-4)
    # What a mirror image has to the left of a cell the picture has to the right of it.
    left = (plain.extent[:, 0] + other.extent[:, 2].flip(-1)) / 2
    top = (plain.extent[:, 1] + other.extent[:, 1].flip(-1)) / 2
    assert torch.allclose(extent[:, 0], left, rtol=1e-3)
    assert torch.allclose(extent[:, 1], top, rtol=1e-3)
    assert torch.allclose(turned.heat, heat.flip(-1), atol=1e-4)
    assert torch.allclose(turned.extent[:, 0], extent[:, 2].flip(-1), rtol=1e-3)


def test_a_file_says_whether_both_views_are_looked_at(tmp_path):
    for mirrored in (False, True):
        network, path = DetectorNetwork(width=8, mirrored=mirrored), tmp_path / "d.safetensors"
        save_file(network.state_dict(), path, shape_of_detector(network))
        assert load_detector(path).mirrored is mirrored


def test_a_file_of_something_else_is_refused(tmp_path, plain, network):
    with pytest.raises(ValueError, match="no detector"):
        load_detector(plain.file("safetensors"))
    path, shape = tmp_path / "d.safetensors", shape_of_detector(network)
    state = network.state_dict()
    del state["heat.weight"]
    save_file(state, path, shape)
    with pytest.raises(ValueError, match="another detector"):
        load_detector(path)
    save_file({**network.state_dict(), "more": torch.zeros(1)}, path, shape)
    with pytest.raises(ValueError, match="another detector"):
        load_detector(path)
    assert load_file(path)
