"""The two linear heads that are fitted on a trained network's features: fracture, and kind of picture.

They are logistic regressions, so a fold's heads take seconds, and nothing that they learn from can
change what the network has learnt of the ten types.
"""

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from torch import nn

from classifier.assessability import KINDS
from classifier.network import FractureNetwork
from training.data import Dataset
from training.device import Device
from training.material import Material
from training.parts import Part

BONE = KINDS.index("bone")


@dataclass(frozen=True)
class Seen:
    """What a network sees in N pictures: ``pooled`` (N, 1280) and ``texture`` (N, D), float32."""

    pooled: np.ndarray
    texture: np.ndarray


@torch.inference_mode()
def look(network: FractureNetwork, dataset: Dataset, size: int, device: Device) -> Seen:
    """One look at each picture, as it will be served."""
    network.eval()
    pooled, texture = [], []
    for start in range(0, len(dataset), 64):
        features, stats = network.seen(device.inputs(dataset.pixels[start : start + 64], size))
        pooled.append(features.mean((2, 3)).cpu().numpy())
        texture.append(stats.cpu().numpy())
    return Seen(np.concatenate(pooled), np.concatenate(texture))


def fit_probe(head: nn.Linear, x: np.ndarray, y: np.ndarray, strength: float) -> None:
    """Fits ``head`` by logistic regression of the classes ``y`` (N,) on ``x`` (N, D), balanced.

    ``strength``: C of scikit-learn's, on standardised inputs. A class that ``y`` lacks is put out of
    reach.
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


def scored(head: nn.Linear, x: np.ndarray) -> np.ndarray:
    """(N, D) → (N, outputs) raw scores."""
    weight, bias = (each.detach().cpu().numpy() for each in (head.weight, head.bias))
    return x @ weight.T + bias


def fit_heads(
    network: FractureNetwork,
    material: Material,
    part: Part,
    seen: tuple[Seen, Seen, Seen],
    strength: float,
) -> None:
    """Fits both heads of ``network`` on what ``part`` does not hold out of ``seen``: what it sees in
    types, bones and foreign pictures.

    The fracture head learns from ``bones`` alone: all pictures of ``types`` show a fracture, so a
    head that learnt from both would learn to tell the two sources apart.
    """
    types, bones, foreign = seen
    learn = ~part.bones
    fit_probe(network.fracture, bones.pooled[learn], material.bones.labels[learn], strength)
    films = np.concatenate([types.texture[part.learn], bones.texture[learn]])
    others = foreign.texture[~part.foreign]
    fit_probe(
        network.kinds,
        np.concatenate([films, others]),
        np.concatenate([np.full(len(films), BONE), material.foreign.labels[~part.foreign]]),
        strength,
    )
