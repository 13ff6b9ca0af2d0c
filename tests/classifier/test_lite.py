"""The types' network: timm's own, what the release has always said, and files of older names."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

from classifier.detector import load_detector
from classifier.lite import Lite, renamed, timm
from classifier.network import FractureNetwork, load_weights
from classifier.preprocess import network_input
from tests.conftest import REPOSITORY
from tests.detector_release import untrained_detector
from training.networks.graph import save_weights
from training.networks.types_only import types_only

# What the types of release 2.1.1, which 3.1.0 has too, said of the drawn ``radiographs`` when their network
# was defined by the package efficientnet-lite-pytorch, which the weights were trained with.
LOGITS = """
-0.22910 -0.23961 -1.94846 -0.08932 -2.06292 -2.16172  1.98273 -1.06414 -0.08307  0.42924
-0.09358 -0.07146 -0.58314  0.74076 -0.28450 -0.74676  0.23698 -0.40369 -0.93307 -0.33938
-0.28217  0.00409 -0.77787  0.68799 -0.73841 -0.77157  0.44652 -0.35370 -0.79956 -0.20479
"""


@pytest.fixture(scope="module")
def released(release) -> FractureNetwork:
    return load_weights(release.file("safetensors")).eval()


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randn(2, 3, 96, 96, generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def test_the_release_says_what_it_said_when_it_was_made(released, radiographs, release):
    batch = np.stack([network_input(each.pixels, release.preprocessing) for each in radiographs])
    logits = released(torch.from_numpy(batch)).logits
    assert np.allclose(logits.ravel(), np.array(LOGITS.split(), float), atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("name", "side"),
    [("efficientnet-lite0", 224), ("efficientnet-lite1", 240), ("efficientnet-lite2", 260)],
)
@torch.no_grad()
def test_it_is_timms_network_with_timms_padding_at_the_side_of_its_weights(name, side):
    torch.manual_seed(0)
    ours = Lite(name)
    for module in ours.modules():
        if isinstance(module, nn.BatchNorm2d):  # untrained, it would hide faults by giving zeros
            module.running_var.uniform_(0.2, 0.6)
            module.bias.normal_(0, 0.3)
    plain = timm.create_model(f"tf_{name.replace('-', '_')}", pretrained=False, num_classes=0)
    theirs = list(plain.state_dict())
    plain.load_state_dict(dict(zip(theirs, ours.state_dict().values(), strict=True)))
    images = torch.randn(1, 3, side, side)
    expected = plain.eval().forward_features(images)
    assert expected.std() > 0.1
    assert torch.allclose(ours.eval()(images), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "blocks", "tapped", "widths"),
    [
        ("efficientnet-lite0", 16, [4, 7, 10], [40, 80, 112]),
        ("efficientnet-lite1", 21, [6, 10, 14], [40, 80, 112]),
        ("efficientnet-lite2", 21, [6, 10, 14], [48, 88, 120]),
    ],
)
def test_its_blocks_stand_in_one_row(name, blocks, tapped, widths):
    """What is frozen, and where textures are taken, is counted in blocks."""
    network = FractureNetwork(name).eval()
    assert len(network.backbone.blocks) == blocks
    assert (network.tapped, network.tapped_widths) == (tapped, widths)
    x, given = network.backbone.stem(torch.zeros(1, 3, 32, 32)), []
    for block in network.backbone.blocks:
        x = block(x)
        given.append(x.shape[1])
    assert given == network.backbone.widths


def test_its_tensors_keep_their_names():
    """Files that are written from now on have them."""
    plain = timm.create_model("tf_efficientnet_lite0", pretrained=False, num_classes=0)
    flat = iter(range(16))
    rows = {
        f"blocks.{stage}.{index}": f"blocks.{next(flat)}"
        for stage, blocks in enumerate(plain.blocks)
        for index in range(len(blocks))
    }
    around = {"conv_stem": "stem.0", "bn1": "stem.1", "conv_head": "last.0", "bn2": "last.1"}
    expected = []
    for name in plain.state_dict():
        owner = ".".join(name.split(".")[: 3 if name.startswith("blocks.") else 1])
        expected.append({**rows, **around}[owner] + name.removeprefix(owner))
    assert list(Lite("efficientnet-lite0").state_dict()) == expected


def test_it_normalises_and_drops_as_tensorflows_did():
    net = Lite("efficientnet-lite0")
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    assert len(norms) == 49
    assert {(module.momentum, module.eps) for module in norms} == {(0.01, 0.001)}
    rates = [getattr(block.drop_path, "drop_prob", 0.0) for block in net.blocks]
    assert rates == pytest.approx([0.2 * index / 16 for index in range(16)])


@torch.no_grad()
def test_in_training_a_blocks_branch_is_dropped_for_some_pictures():
    torch.manual_seed(0)
    block = Lite("efficientnet-lite0").blocks[14].eval()
    one = torch.randn(1, 192, 4, 4).expand(2000, -1, -1, -1)
    whole = block(one[:1]) - one[:1]
    block.drop_path.train()
    branches = (block(one) - one).flatten(1)
    dropped = ~branches.any(1)
    assert float(dropped.float().mean()) == pytest.approx(0.175, abs=0.03)
    kept = branches[~dropped]
    assert torch.allclose(kept, (whole / 0.825).flatten(1).expand_as(kept), atol=1e-4)


def test_a_name_that_is_none_is_refused():
    with pytest.raises(ValueError, match="no 'efficientnet-lite9', only efficientnet-lite0"):
        FractureNetwork("efficientnet-lite9")


# What was written before timm: layers of a block, and what lies around the blocks.
OLD_BLOCK = {"conv_pw": "_expand_conv", "bn1": "_bn0", "conv_dw": "_depthwise_conv", "bn2": "_bn1"}
OLD_BLOCK |= {"conv_pwl": "_project_conv", "bn3": "_bn2"}
OLD_FIRST = {"conv_dw": "_depthwise_conv", "bn1": "_bn1", "conv_pw": "_project_conv", "bn2": "_bn2"}
OLD_AROUND = {"stem.0": "_conv_stem", "stem.1": "_bn0", "last.0": "_conv_head", "last.1": "_bn1"}


def old_names(network: FractureNetwork) -> dict[str, str]:
    """New name → old one, of the network's tensors."""
    found = {}
    for name in network.state_dict():
        if name.endswith("num_batches_tracked"):
            continue
        old = name
        for new, before in OLD_AROUND.items():
            old = old.replace(f".{new}.", f".{before}.")
        if ".blocks." in name:
            owner, _, rest = name.partition(".blocks.")
            index, layer, *more = rest.split(".")
            first = f"{owner}.blocks.{index}.conv_pwl.weight" not in network.state_dict()
            layer = (OLD_FIRST if first else OLD_BLOCK)[layer]
            old = ".".join([owner, "_blocks", index, layer, *more])
        found[name] = old
    return found


def test_each_tensor_has_one_new_name(released):
    old = {before: torch.zeros(()) for before in old_names(released).values()}
    assert any("._blocks." in name for name in old)
    assert list(renamed(old)) == list(old_names(released))


def as_before(path, network, prefix: str = "") -> None:
    """Rewrites a file to what it would have been before timm: ``prefix`` is that of the types' tensors."""
    old = {prefix + new: prefix + name for new, name in old_names(network).items()}
    with safe_open(path, "pt") as file:
        metadata = dict(file.metadata())
    shape = json.loads(metadata["network"])
    assert shape.pop("names") == 2
    metadata["network"] = json.dumps(shape)
    tensors = {old.get(name, name): tensor for name, tensor in load_file(path).items()}
    save_file(tensors, path, metadata)


@torch.no_grad()
def test_a_file_of_two_networks_with_older_names_is_read(released, images, tmp_path):
    types, detector, path = types_only(released), untrained_detector(), tmp_path / "m.safetensors"
    save_weights(path, types, detector)
    as_before(path, types, "types.")
    assert "types.others.0._blocks.0._expand_conv.weight" in load_file(path)
    found, expected = load_weights(path).eval()(images), types(images)
    assert torch.allclose(found.logits, expected.logits, atol=1e-5)
    heat = load_detector(path).eval()(images).heat
    assert torch.allclose(heat, detector(images).heat, atol=1e-5)


def test_old_names_in_a_file_that_tells_of_new_ones_are_refused(released, tmp_path):
    path, old = tmp_path / "m.safetensors", old_names(released)
    save_weights(path, released)
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    save_file({old.get(name, name): each for name, each in load_file(path).items()}, path, metadata)
    with pytest.raises(ValueError, match="weights of another network"):
        load_weights(path)


@pytest.mark.parametrize(
    "name", ["classifier.padding", "classifier.engines.torch", "training.networks.own_backbone"]
)
def test_each_module_that_needs_timm_can_be_imported_first(name):
    """timm imports torchvision, which a CPU build of torch can't import as it is."""
    code = f"import {name}, sys; assert 'timm' in sys.modules"
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
