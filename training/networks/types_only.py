"""The types' network without the members that don't contribute to the types."""

import torch
from torch import nn

from classifier.network import FEATURES, FractureNetwork


def types_only(network: FractureNetwork) -> FractureNetwork:
    """The same logits and kinds from fewer members.

    A member is left out if its columns of the types' head are all zero. This is the member that has learnt
    fracture or none, which a detector makes superfluous. The fracture head stands on all members, and gives 0
    afterwards.

    Raises ValueError if the first member would be left out, because the kinds head stands on its stages.
    """
    kept = [
        member for member in range(network.members) if bool(_columns(network.head, member).any())
    ]
    if not kept or kept[0] != 0:
        raise ValueError("the first member says nothing of the types")
    smaller = FractureNetwork(network.name, len(kept), network.shared, network.mirrored)
    smaller.backbone.load_state_dict(network.backbone.state_dict())
    smaller.kinds.load_state_dict(network.kinds.state_dict())
    for tail, member in zip(smaller.others, kept[1:], strict=True):
        tail.load_state_dict(network.others[member - 1].state_dict())
    with torch.no_grad():
        smaller.head.weight.copy_(torch.cat([_columns(network.head, member) for member in kept], 1))
        smaller.head.bias.copy_(network.head.bias)
        for parameter in smaller.fracture.parameters():
            nn.init.zeros_(parameter)
    return smaller.train(network.training)


def _columns(head: nn.Linear, member: int) -> torch.Tensor:
    """(10, 1280): the weights of the head that belong to a member."""
    return head.weight[:, member * FEATURES : (member + 1) * FEATURES]
