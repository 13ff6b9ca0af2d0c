"""A detector before it learns: ImageNet's or one's own weights in its backbone, everything else new."""

from classifier.detector import DetectorNetwork
from training.detection.own_backbone import OwnBackbone
from training.learning import pretrained_network


def pretrained_detector(own: OwnBackbone | None = None) -> DetectorNetwork:
    """With one's ``own`` backbone, else the stages of EfficientNet-Lite0 with the weights of its pip package.

    timm lists the same layers in the same order as the package of the types' network, under other names.
    """
    if own is not None:
        return own.detector()
    network = DetectorNetwork()
    source = list(pretrained_network().backbone.state_dict().values())
    names = [name for name in network.state_dict() if name.startswith(("stem.", "stages."))]
    begun = dict(zip(names, source, strict=False))  # ImageNet's network goes on where ours ends
    network.load_state_dict(begun, strict=False)
    return network
