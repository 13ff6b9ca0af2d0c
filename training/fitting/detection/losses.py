"""The losses of the detector."""

import torch
from torch.nn import functional

_INSIDE = 0.3  # target heat from which a cell is also trained on the extent of its box
_LEAST_OVERLAP = 0.02  # bounds the loss and its gradient where a box misses completely
SMOOTHING = 0.1


def heat_loss(heat: torch.Tensor, target: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """Quality focal loss (Li et al., 2020) of raw ``heat`` (N, h, w) against ``target`` 0..1.

    It is summed over the cells of the pictures that are ``known`` (N,) and divided by the sum of their
    targets.
    """
    distance = (target - heat.sigmoid()).abs() ** 2
    losses = distance * functional.binary_cross_entropy_with_logits(heat, target, reduction="none")
    weight = known[:, None, None]
    # A batch of healthy pictures has no target; without this bound its loss would be far too large.
    return (losses * weight).sum() / (target * weight).sum().clamp(min=8)


def extent_loss(extent: torch.Tensor, target: torch.Tensor, heat: torch.Tensor) -> torch.Tensor:
    """Minus the logarithm of the overlap (intersection over union) of predicted and true box.

    Both are (N, 4, h, w) distances to the edges. It counts the cells in a box, weighted by the target
    ``heat``.
    """
    weight = torch.where(heat > _INSIDE, heat, 0)
    left, top, right, bottom = torch.minimum(extent, target).unbind(1)
    shared = (left + right).clamp(min=0) * (top + bottom).clamp(min=0)
    both = _area(extent) + _area(target) - shared
    overlap = (shared / both.clamp(min=1e-3)).clamp(min=_LEAST_OVERLAP)
    return -(overlap.log() * weight).sum() / weight.sum().clamp(min=1)


def picture_loss(scores: torch.Tensor, labels: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """Binary cross-entropy of raw ``scores`` with smoothed ``labels``, over the ``counted`` pictures;
    all (N,).
    """
    smooth = labels * (1 - SMOOTHING) + SMOOTHING / 2
    losses = functional.binary_cross_entropy_with_logits(scores, smooth, reduction="none")
    return (losses * counted).sum() / counted.sum().clamp(min=1)


def consistency_loss(
    scores: torch.Tensor, labels: torch.Tensor, known: torch.Tensor
) -> torch.Tensor:
    """How far the outputs for two views of a picture differ (Huber). All (2 n,): the second half are the same
    pictures again, turned, marked and exposed otherwise. Pairs count that are known and alike in their
    ``labels``.
    """
    (first, other), labels, known = scores.chunk(2), labels.reshape(2, -1), known.reshape(2, -1)
    counted = known[0] * known[1] * (labels[0] == labels[1])
    each = functional.smooth_l1_loss(first, other, reduction="none")
    return (each * counted).sum() / counted.sum().clamp(min=1)


def _area(extent: torch.Tensor) -> torch.Tensor:
    left, top, right, bottom = extent.unbind(1)
    return (left + right).clamp(min=0) * (top + bottom).clamp(min=0)
