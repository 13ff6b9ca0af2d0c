"""The linear heads of an ensemble: those of its members, and regressions on their features.

A logistic regression takes seconds for a fold, and it can't change the members.
"""

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from torch import nn

from classifier.assessability import KINDS
from classifier.network import FEATURES, FractureNetwork
from training.datasets.dataset import Dataset
from training.networks.device import Device

BONE = KINDS.index("bone")


@dataclass(frozen=True)
class EnsembleMembers:
    """The networks of an ensemble in the order in which they are joined: ``fracture`` is the last one."""

    types: list[FractureNetwork]
    fracture: FractureNetwork | None

    @property
    def all(self) -> list[FractureNetwork]:
        return [*self.types, *([self.fracture] if self.fracture else [])]


@dataclass(frozen=True)
class Features:
    """The features of N pictures: ``pooled`` (N, M·1280) of M members, ``texture`` (N, D); float32."""

    pooled: np.ndarray
    texture: np.ndarray


@torch.inference_mode()
def extract_features(
    network: FractureNetwork, dataset: Dataset, size: int, device: Device
) -> Features:
    """The features of each picture, computed in the same way as when the release is served."""
    network.eval()
    pooled, texture = [], []
    for start in range(0, len(dataset), 64):
        features, stats = network.features_of(
            device.inputs(dataset.pixels[start : start + 64], size)
        )
        pooled.append(features.mean((2, 3)).cpu().numpy())
        texture.append(stats.cpu().numpy())
    return Features(np.concatenate(pooled), np.concatenate(texture))


@torch.inference_mode()
def texture_features(
    network: FractureNetwork, dataset: Dataset, size: int, device: Device
) -> np.ndarray:
    """(N, D): the texture features alone, which are all that the kinds head needs."""
    network.eval()
    return np.concatenate(
        [
            network.texture(device.inputs(dataset.pixels[start : start + 64], size)).cpu().numpy()
            for start in range(0, len(dataset), 64)
        ]
    )


def fit_linear_head(head: nn.Linear, x: np.ndarray, y: np.ndarray, strength: float) -> None:
    """Fits ``head`` by logistic regression of the classes ``y`` (N,) on ``x`` (N, D), with balanced classes.

    ``strength``: scikit-learn's C, on standardised inputs. A class that is missing from ``y`` gets a bias
    that no input can overcome.
    """
    scaler = StandardScaler().fit(x)
    model = LogisticRegression(C=strength, class_weight="balanced", max_iter=2000)
    model.fit(scaler.transform(x), y)
    weights = model.coef_ / scaler.scale_
    bias = model.intercept_ - weights @ scaler.mean_
    with torch.no_grad():
        if head.out_features == 1:
            head.weight.copy_(torch.from_numpy(weights))
            head.bias.copy_(torch.from_numpy(bias))
            return
        if len(model.classes_) == 2:  # scikit-learn gives one row for two classes
            weights, bias = np.stack([0 * weights[0], weights[0]]), np.array([0, bias[0]])
        head.weight.zero_()
        head.bias.fill_(-1e4)
        for row, kind in enumerate(model.classes_):
            head.weight[kind] = torch.from_numpy(weights[row])
            head.bias[kind] = float(bias[row])


def linear_scores(head: nn.Linear, x: np.ndarray) -> np.ndarray:
    """(N, D) → (N, outputs) raw scores."""
    weight, bias = (tensor.detach().cpu().numpy() for tensor in (head.weight, head.bias))
    return x @ weight.T + bias


def join_types_heads(network: FractureNetwork, members: EnsembleMembers) -> None:
    """The types' head becomes the mean of the types' members. The fracture member gets no weight."""
    parts = [(member.head, 1 / len(members.types)) for member in members.types]
    if members.fracture is not None:
        parts.append((members.fracture.head, 0.0))
    _lay_side_by_side(network.head, parts)


def fit_fracture_head(
    network: FractureNetwork,
    members: EnsembleMembers,
    features: np.ndarray,
    labels: np.ndarray,
    strength: float,
) -> None:
    """The fracture head becomes the mean of the fracture member's and of a regression on the other members.

    The two make different errors. ``features`` (N, M·1280), ``labels`` (N,): training set.
    """
    width = len(members.types) * FEATURES
    parts = [(_regression(features[:, :width], labels, 1, strength), 1.0)]
    if members.fracture is not None:
        parts = [(head, 0.5) for head in (parts[0][0], members.fracture.fracture)]
    _lay_side_by_side(network.fracture, parts)


def fit_kinds_head(
    network: FractureNetwork,
    films: np.ndarray,
    others: np.ndarray,
    kinds: np.ndarray,
    strength: float,
) -> None:
    """Fits the kinds head on bone radiographs ``films`` (N, D) and on ``others`` (F, D) of ``kinds`` (F,)."""
    labels = np.concatenate([np.full(len(films), BONE), kinds])
    fit_linear_head(network.kinds, np.concatenate([films, others]), labels, strength)


def _regression(x: np.ndarray, y: np.ndarray, outputs: int, strength: float) -> nn.Linear:
    head = nn.Linear(x.shape[1], outputs)
    fit_linear_head(head, x, y, strength)
    return head


def _lay_side_by_side(head: nn.Linear, parts: list[tuple[nn.Linear, float]]) -> None:
    """``head`` becomes the weighted sum of heads whose inputs are adjacent slices of its own input."""
    with torch.no_grad():
        head.weight.copy_(torch.cat([part.weight * share for part, share in parts], 1))
        head.bias.copy_(torch.stack([part.bias * share for part, share in parts]).sum(0))
