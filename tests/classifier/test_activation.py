"""The activation map is the exact decomposition of a logit, laid over exactly the picture."""

import numpy as np
import pytest

from classifier.activation import class_activation, displayed
from classifier.preprocess import network_input, placement


def test_the_map_adds_up_to_the_logit(plain_classifier, radiographs, plain):
    """Mean over the grid, plus the head's bias, is the logit: so all maps differ by one constant."""
    from safetensors.numpy import load_file

    bias = load_file(plain.file("safetensors"))["head.bias"]
    batch = np.stack([network_input(each.pixels, plain.preprocessing) for each in radiographs])
    found = plain_classifier._engine.run(batch)
    logits, features = found.logits, found.features
    for index in range(10):
        weights = plain_classifier._engine.head_weights[index]
        for picture in range(len(radiographs)):
            evidence = class_activation(features[picture], weights)
            assert evidence.shape == features.shape[2:]
            assert evidence.mean() + bias[index] == pytest.approx(logits[picture, index], abs=1e-3)


def test_the_map_is_the_sum_over_channels():
    rng = np.random.default_rng(0)
    features, weights = rng.normal(size=(6, 3, 4)), rng.normal(size=6)
    expected = sum(weights[channel] * features[channel] for channel in range(6))
    assert np.allclose(class_activation(features, weights), expected)


def test_the_map_is_the_gradient_times_the_features(release, radiographs):
    """HiResCAM (Draelos and Carin, 2020) through autograd gives the same map without our formula."""
    import torch

    from classifier.network import load_weights

    network = load_weights(release.file("safetensors")).eval()
    batch = network_input(radiographs[0].pixels, release.preprocessing)[None]
    with torch.no_grad():
        features = network(torch.from_numpy(batch))[1]
    features.requires_grad_()
    network.head(features.mean(dim=(2, 3)))[0, 4].backward()
    expected = (features.grad * features).sum(1)[0].detach().numpy() * features[0, 0].numel()
    weights = network.head.weight[4].detach().numpy()
    found = class_activation(features[0].detach().numpy(), weights)
    assert np.allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize(("height", "width"), [(300, 180), (180, 300), (1, 900), (64, 64)])
def test_what_is_shown_has_the_pictures_shape_and_lies_within_0_and_1(height, width):
    evidence = np.random.default_rng(1).normal(size=(7, 7)).astype(np.float32)
    shown = displayed(evidence, placement(height, width, 224), 224)
    assert shown.dtype == np.float32
    assert max(shown.shape) == 32
    longer = max(height, width)
    assert shown.shape == tuple(max(1, round(32 * side / longer)) for side in (height, width))
    assert shown.min() >= 0
    assert shown.max() <= 1


def test_evidence_against_a_class_is_not_shown():
    assert not displayed(-np.ones((7, 7)), placement(50, 50, 224), 224).any()


def test_evidence_in_a_corner_of_the_picture_is_shown_in_that_corner():
    evidence = np.zeros((7, 7))
    evidence[0, 6] = 5
    shown = displayed(evidence, placement(100, 100, 224), 224)
    assert np.unravel_index(shown.argmax(), shown.shape)[0] < 4
    assert np.unravel_index(shown.argmax(), shown.shape)[1] > 27


def test_the_letterboxs_bars_are_cut_off():
    """A tall picture fills the grid's middle columns; evidence on the bars is not on the picture."""
    evidence = np.zeros((7, 7))
    evidence[:, [0, 6]] = 9
    evidence[3, 3] = 1
    shown = displayed(evidence, placement(224, 96, 224), 224)  # 96 of 224 wide: columns 2 to 5
    assert np.unravel_index(shown.argmax(), shown.shape)[0] in range(13, 19)
    assert shown.max() <= 1 / 9 + 1e-6


def test_findings_hold_a_map_of_the_top_and_one_of_the_rival(classifier, radiographs):
    for radiograph, finding in zip(radiographs, classifier.classify(radiographs), strict=True):
        height, width = radiograph.pixels.shape
        for shown in (finding.activation_map, finding.rival_activation_map):
            assert shown.shape[0] / shown.shape[1] == pytest.approx(height / width, rel=0.05)
            assert 0 <= shown.min() <= shown.max() <= 1
        assert not np.array_equal(finding.activation_map, finding.rival_activation_map)


@pytest.mark.parametrize(("members", "mirrored"), [(1, False), (2, True)])
@pytest.mark.parametrize("method", ["GradCAM", "HiResCAM"])
def test_the_map_is_that_of_the_grad_cam_package(method, members, mirrored):
    """Of one network, and of an ensemble that looks at the mirror image too."""
    import torch
    from torch import nn

    from classifier.network import FractureNetwork, joined
    from classifier.torchvision_shim import import_torchvision
    from training.networks.pretrained import pretrained_network

    import_torchvision()
    import pytorch_grad_cam
    from pytorch_grad_cam.utils.image import scale_cam_image
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    class Watched(nn.Module):
        """The same network with its last map as a module of its own, which the package hooks."""

        def __init__(self, network: FractureNetwork) -> None:
            super().__init__()
            self.network, self.last = network, nn.Identity()

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            features = self.last(self.network.features_of(images)[0])
            return self.network.head(features.mean(dim=(2, 3)))

    torch.manual_seed(5)
    network = joined([pretrained_network() for _ in range(members)], 8, mirrored).eval()
    images = torch.randn(1, 3, 96, 96)
    with torch.no_grad():
        network.head.weight.mul_(1000)  # so that the package's 1e-7 beside the maximum is nothing
        reading = network(images)
    index = int(reading.logits.argmax())
    watched = Watched(network)
    with getattr(pytorch_grad_cam, method)(watched, [watched.last]) as package:
        expected = package(images, [ClassifierOutputTarget(index)])[0]
    weights = network.head.weight[index].detach().numpy()
    evidence = class_activation(reading.features[0].numpy(), weights)
    assert evidence.max() > 0
    ours = scale_cam_image(np.maximum(evidence, 0)[None], (96, 96))
    ours = scale_cam_image(ours)[0]  # the package stretches a layer's map, then the layers' mean
    assert np.allclose(ours, expected, atol=1e-5)
