"""One network in parts: a trunk that is computed once, its members, and the mirror image."""

import torch

from classifier.network import FractureNetwork


def test_a_member_on_the_trunk_gives_the_scores_of_the_network():
    """Training computes the trunk once and trains the rest: both ways must be one network."""
    network = FractureNetwork(shared=5).eval()
    images = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        output = network(images)
        trunk = network.trunk(images)
        for head, expected in (("head", output.logits), ("fracture", output.fracture)):
            assert torch.allclose(network.member(trunk, head), expected, atol=1e-5)
        assert torch.allclose(network.kinds(network.texture(images)), output.kinds, atol=1e-5)


def test_a_mirrored_network_gives_equal_scores_for_a_picture_and_its_mirror_image():
    network = FractureNetwork(mirrored=True).eval()
    images = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        output, other = network(images), network(images.flip(-1))
        texture, other_texture = network.texture(images), network.texture(images.flip(-1))
    assert torch.allclose(output.logits, other.logits, atol=1e-5)
    assert torch.allclose(output.features, other.features.flip(-1), atol=1e-4)
    assert torch.allclose(texture, other_texture, atol=1e-5)
