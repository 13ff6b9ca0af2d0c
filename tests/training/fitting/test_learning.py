"""What a network is before it learns, and which part of it does."""

import torch

from training.fitting.train import freeze, parameter_groups
from training.networks.pretrained import imagenet_weights, pretrained_network
from training.networks.pretrained_detector import pretrained_detector


def test_both_networks_begin_with_the_same_weights():
    types, detector = pretrained_network().backbone, pretrained_detector()
    begun = imagenet_weights()
    assert all(torch.equal(begun[name], tensor) for name, tensor in types.state_dict().items())
    blocks = [block for stage in detector.stages for block in stage]
    for mine, theirs in zip([detector.stem, *blocks], [types.stem, *types.blocks], strict=True):
        for name, tensor in theirs.state_dict().items():
            assert torch.equal(mine.state_dict()[name], tensor), name


def test_what_is_frozen_learns_nothing_and_the_rest_at_its_own_rate():
    network = pretrained_network(shared=8)
    freeze(network, 8, "head")
    learning = {name for name, each in network.named_parameters() if each.requires_grad}
    expected = {
        f"backbone.{name}"
        for name, _ in network.backbone.named_parameters()
        if name.startswith("last.") or (name.startswith("blocks.") and int(name.split(".")[1]) >= 8)
    }
    assert learning == {*expected, "head.weight", "head.bias"}
    behind, head = parameter_groups(network, "head", 0.01, 0.3)
    assert len(behind["params"]) == len(expected)
    assert (behind["lr"], head["lr"], len(head["params"])) == (0.003, 0.01, 2)
