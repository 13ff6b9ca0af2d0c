"""A detector before it learns: ImageNet's weights in its stages, everything else new."""

from classifier.detector import DetectorNetwork
from training.learning import pretrained_network


def pretrained_detector() -> DetectorNetwork:
    """The stages of EfficientNet-Lite0 with the weights of its pip package.

    timm lists the same layers in the same order as the package of the types' network, under other names.
    """
    network = DetectorNetwork()
    source = list(pretrained_network().backbone.state_dict().values())
    names = [name for name in network.state_dict() if name.startswith(("stem.", "stages."))]
    own = dict(zip(names, source, strict=False))  # ImageNet's network goes on where ours ends
    network.load_state_dict(own, strict=False)
    return network
