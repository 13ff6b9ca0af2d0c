"""What a release's files hold: the graph no weights, the file each tensor once, the networks as they were."""

import onnx
import onnxruntime
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from classifier.detector import load_detector
from classifier.network import FractureNetwork, load_weights, shape_of
from classifier.release import default_release_path, load_release
from tests.detector_release import untrained_detector
from training.networks.graph import halved, save_weights
from training.networks.types_only import types_only


@pytest.fixture(scope="module")
def released() -> FractureNetwork:
    return load_weights(load_release(default_release_path()).file("safetensors")).eval()


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randn(2, 3, 96, 96, generator=torch.Generator().manual_seed(1))


def test_the_graph_names_its_weights_in_the_file_and_holds_none(release_with_detector):
    model = onnx.load(release_with_detector / "model.onnx", load_external_data=False)
    held = [each for each in model.graph.initializer if each.raw_data or each.float_data]
    assert sum(len(each.raw_data) for each in held) < 10_000
    outside = {each.name.removesuffix(".half") for each in model.graph.initializer} - {
        each.name for each in held
    }
    with safe_open(release_with_detector / "model.safetensors", "pt") as file:
        names = set(file.keys())
    assert outside <= names
    assert {name.partition(".")[0] for name in names} == {"types", "detector"}
    assert {each.name for each in model.graph.input} == {"images", "detector_images"}
    assert (release_with_detector / "model.onnx").stat().st_size < 1e6


def test_no_map_is_copied_to_pad_it(release_with_detector, tmp_path):
    """ONNX Runtime takes the padding into the convolutions; left beside them it costs a tenth of the time."""
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    options.log_severity_level = 3
    onnxruntime.InferenceSession(str(release_with_detector / "model.onnx"), options)
    served = onnx.load(tmp_path / "optimised.onnx", load_external_data=False)
    assert "Pad" not in {node.op_type for node in served.graph.node}


def test_a_file_of_two_networks_gives_each_back(tmp_path, released, images):
    types, detector, path = types_only(released), untrained_detector(), tmp_path / "m.safetensors"
    save_weights(path, types, detector)
    with torch.no_grad():
        one, other = load_weights(path).eval()(images), types(images)
        assert torch.allclose(one.logits, other.logits, atol=1e-5)
        for mine, theirs in zip(load_detector(path).eval()(images), detector(images), strict=True):
            assert torch.allclose(mine, theirs, atol=1e-5)
    assert path.stat().st_mode & 0o077 == 0o044


def test_a_file_of_one_network_is_as_it_was(tmp_path, released):
    ours, before = tmp_path / "ours.safetensors", tmp_path / "before.safetensors"
    save_weights(ours, released)
    save_file(halved(released.state_dict()), before, shape_of(released))
    assert ours.read_bytes() == before.read_bytes()


def test_the_same_networks_give_the_same_bytes(released, tmp_path):
    """safetensors orders several entries of metadata at random."""
    detector, path = untrained_detector(), tmp_path / "m.safetensors"
    written = set()
    for _ in range(12):
        save_weights(path, released, detector)
        written.add(path.read_bytes())
    assert len(written) == 1
    assert load_weights(path).members == released.members
    assert torch.equal(load_detector(path).heat.bias, detector.heat.bias)


def with_a_member_more(released: FractureNetwork) -> FractureNetwork:
    """One that learnt fracture or none alone, as releases had before there were detectors."""
    torch.manual_seed(0)
    network = FractureNetwork(released.name, released.members + 1, released.shared).eval()
    own = network.state_dict()
    for name, tensor in released.state_dict().items():
        if name != "head.weight" and not name.startswith("fracture."):
            own[name].copy_(tensor)
    own["head.weight"].zero_()
    own["head.weight"][:, : released.head.in_features] = released.head.weight
    return network


def test_without_the_member_that_says_nothing_of_the_types_all_else_is_the_same(released, images):
    whole = with_a_member_more(released)
    smaller = types_only(whole)
    assert (whole.members, smaller.members) == (4, 3)
    with torch.no_grad():
        before, after = whole(images), smaller(images)
    assert before.fracture.any()
    assert torch.allclose(before.logits, after.logits, atol=1e-6, rtol=0)
    assert torch.equal(before.kinds, after.kinds)
    assert torch.equal(before.features[:, : after.features.shape[1]], after.features)
    assert not after.fracture.any()


def test_the_first_member_is_never_left_out(released):
    """The kinds of pictures are told from its stages."""
    network = FractureNetwork(members=2, shared=8)
    with torch.no_grad():
        network.head.weight[:, :1280] = 0
    with pytest.raises(ValueError, match="first member"):
        types_only(network)
