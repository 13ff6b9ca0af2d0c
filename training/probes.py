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
    """What the heads stand on in N pictures, float32: ``pooled`` (N, M·1280) for the types, ``bones``
    (N, B) and ``texture`` (N, D) as ``classifier.network.Sight`` has them.
    """

    pooled: np.ndarray
    bones: np.ndarray
    texture: np.ndarray


@torch.inference_mode()
def look(network: FractureNetwork, dataset: Dataset, size: int, device: Device) -> Seen:
    """One look at each picture, as it will be served."""
    network.eval()
    found = []
    for start in range(0, len(dataset), 64):
        sight = network.seen(device.inputs(dataset.pixels[start : start + 64], size))
        parts = (sight.features.mean((2, 3)), sight.bones, sight.texture)
        found.append([part.cpu().numpy() for part in parts])
    return Seen(*(np.concatenate(part) for part in zip(*found, strict=True)))


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


def _join_heads(head: nn.Linear, parts: list[nn.Linear]) -> None:
    """``head`` becomes the mean of ``parts``, whose inputs lie side by side in its own."""
    with torch.no_grad():
        head.weight.copy_(torch.cat([part.weight for part in parts], 1) / len(parts))
        head.bias.copy_(torch.stack([part.bias for part in parts]).mean(0))


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
    fracture_member: FractureNetwork | None = None,
) -> None:
    """Fits both heads of ``network`` on what ``part`` does not hold out of ``seen``: what it sees in
    types, bones and foreign pictures.

    The fracture head learns from ``bones`` alone: all pictures of ``types`` show a fracture, so a
    head that learnt from both would learn to tell the two sources apart. Where a member has learnt
    fractures alone, the head is the mean of its own and of a regression on what the members that have
    learnt the types see: each is right where the other is wrong.
    """
    types, bones, foreign = seen
    learn = ~part.bones
    probe = nn.Linear(bones.pooled.shape[1], 1)
    fit_probe(probe, bones.pooled[learn], material.bones.labels[learn], strength)
    _join_heads(network.fracture, [probe, *([fracture_member.fracture] if fracture_member else [])])
    films = np.concatenate([types.texture[part.learn], bones.texture[learn]])
    others = foreign.texture[~part.foreign]
    fit_probe(
        network.kinds,
        np.concatenate([films, others]),
        np.concatenate([np.full(len(films), BONE), material.foreign.labels[~part.foreign]]),
        strength,
    )
