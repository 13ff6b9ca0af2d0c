"""The heads of an ensemble are the means that they are said to be."""

import numpy as np
import pytest
import torch
from torch import nn

from classifier.network import FractureNetwork, joined
from training.fitting.linear_heads import (
    EnsembleMembers,
    fit_fracture_head,
    fit_linear_head,
    join_types_heads,
    linear_scores,
)
from training.networks.pretrained import pretrained_network


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_types_head_is_its_members_own_and_the_fracture_head_has_a_regression_beside(mirrored):
    members = EnsembleMembers([other_network(seed) for seed in (1, 2)], other_network(3))
    network = joined(members.all, 8, mirrored).eval()
    rng = np.random.default_rng(0)
    features = rng.normal(size=(60, 3840)).astype(np.float32)
    states, of_states = rng.integers(0, 2, 60), nn.Linear(2560, 1)
    join_types_heads(network, members)
    fit_fracture_head(network, members, features, states, 0.01)
    fit_linear_head(of_states, features[:, :2560], states, 0.01)
    images = torch.randn(2, 3, 64, 64)
    views = (images, images.flip(-1)) if mirrored else (images,)
    with torch.no_grad():
        apart = [[member(view) for view in views] for member in members.all]
        pooled = [sum(each.features.mean((2, 3)) for each in those) / len(views) for those in apart]
        first, second = (sum(each.logits for each in those) / len(views) for those in apart[:2])
        own = sum(each.fracture for each in apart[2]) / len(views)
        found = network(images)
        assert torch.allclose(found.logits, (first + second) / 2, atol=1e-4)
        assert not network.head.weight[:, 2560:].any()
        expected = (own + of_states(torch.cat(pooled[:2], 1))) / 2
        assert torch.allclose(found.fracture, expected, atol=1e-4)
        assert found.features.shape == (2, 3840, 2, 2)


def test_without_a_member_for_fractures_the_types_head_is_the_mean():
    members = EnsembleMembers([other_network(1), other_network(2)], None)
    network = joined(members.all, 8, False).eval()
    join_types_heads(network, members)
    images = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        first, second = (member(images).logits for member in members.types)
        assert torch.allclose(network(images).logits, (first + second) / 2, atol=1e-5)


def other_network(seed: int) -> FractureNetwork:
    """ImageNet's, but each with later blocks and heads of its own."""
    torch.manual_seed(seed)
    network = pretrained_network().eval()
    with torch.no_grad():
        for parameter in network.backbone.blocks[9:].parameters():
            parameter.add_(0.01 * torch.randn_like(parameter))
        network.fracture.weight.normal_(0, 0.02)
    return network


def test_a_probe_finds_a_line_and_leaves_an_absent_class_out_of_reach():
    rng = np.random.default_rng(0)
    x = rng.normal(3, 5, (400, 6))
    binary = nn.Linear(6, 1)
    fit_linear_head(binary, x, (x[:, 2] > 3).astype(int), 10.0)
    assert ((linear_scores(binary, x)[:, 0] > 0) == (x[:, 2] > 3)).mean() > 0.97
    several = nn.Linear(6, 4)
    labels = np.where(x[:, 0] > 3, 3, np.where(x[:, 1] > 3, 1, 0))
    fit_linear_head(several, x, labels, 10.0)
    assert set(linear_scores(several, x).argmax(1)) == {0, 1, 3}
    two = nn.Linear(6, 3)
    fit_linear_head(two, x, np.where(x[:, 0] > 3, 2, 0), 10.0)
    assert ((linear_scores(two, x).argmax(1) == 2) == (x[:, 0] > 3)).mean() > 0.97
