"""Fits the heads of a split's ensemble, and scores what the split held out."""

import logging

import numpy as np

from classifier.network import FractureNetwork
from training.datasets.dataset import Dataset, picture_columns
from training.fitting.explain import explain_held_out
from training.fitting.linear_heads import (
    EnsembleMembers,
    Features,
    extract_features,
    fit_fracture_head,
    fit_kinds_head,
    join_types_heads,
    linear_scores,
    texture_features,
)
from training.fitting.run import ClassifierRun
from training.fitting.splits import FINAL, SHIPPED, Split
from training.networks.graph import round_as_released

logger = logging.getLogger(__name__)


def score_held_out(
    run: ClassifierRun, split: Split, network: FractureNetwork, members: EnsembleMembers
) -> dict[str, np.ndarray]:
    """Returns the raw scores of everything that this split's members and heads were not trained on.

    In a run with a detector these are the scores of the ten types alone: there the detector gives the
    fracture call, and the kinds head is fitted apart (``training.fitting.kinds_head``).
    """
    data, config = run.data, run.config
    features = extract_features(network, data.types, config.size, run.device)
    join_types_heads(network, members)
    test, conflicts = np.flatnonzero(split.test), split.conflicts_test
    scores = {
        **_columns("types", data.types, split.test),
        "types_logits": linear_scores(network.head, features.pooled[test]),
    }
    scores |= conflict_arrays(
        data.types, conflicts, linear_scores(network.head, features.pooled[conflicts])
    )
    if split.name != SHIPPED and config.detector is None:
        scores |= _score_further_heads(run, split, network, members, features)
    if split.name == FINAL:
        round_as_released(network)
        scores |= _score_external_test(run, network)
    if split.name.startswith("repeat-0"):
        scores |= explain_held_out(run, network, test)
    if len(test):
        right = scores["types_logits"].argmax(1) == data.types.labels[test]
        logger.info("%s: %d held out, accuracy %.1f %%", split.name, len(test), 100 * right.mean())
    return scores


def _score_further_heads(
    run: ClassifierRun,
    split: Split,
    network: FractureNetwork,
    members: EnsembleMembers,
    types: Features,
) -> dict[str, np.ndarray]:
    """Fits the fracture head and the kinds head, and scores what was held out."""
    data, config = run.data, run.config
    bones = extract_features(network, data.bones, config.size, run.device)
    texture = texture_features(network, data.non_radiographs, config.size, run.device)
    fit_fracture_head(
        network,
        members,
        bones.pooled[split.bones_train],
        data.bones.labels[split.bones_train],
        config.probe_strength,
    )
    radiographs = np.concatenate([types.texture[split.train], bones.texture[split.bones_train]])
    train = split.non_radiographs_train
    others, kinds = texture[train], data.non_radiographs.labels[train]
    fit_kinds_head(network, radiographs, others, kinds, config.kinds_probe_strength)
    return {
        "types_kinds": linear_scores(network.kinds, types.texture[split.test]),
        **_columns("bones", data.bones, split.bones_test),
        "bones_fracture": linear_scores(network.fracture, bones.pooled[split.bones_test])[:, 0],
        "bones_kinds": linear_scores(network.kinds, bones.texture[split.bones_test]),
        **_columns("foreign", data.non_radiographs, split.non_radiographs_test),
        "foreign_kinds": linear_scores(network.kinds, texture[split.non_radiographs_test]),
    }


def _score_external_test(run: ClassifierRun, network: FractureNetwork) -> dict[str, np.ndarray]:
    """Scores the external test set; empty if there is none."""
    external_test = run.data.external_test
    if external_test is None:
        return {}
    features = extract_features(network, external_test, run.config.size, run.device)
    return {
        **_columns("outside", external_test, np.ones(len(external_test), bool)),
        "outside_fracture": linear_scores(network.fracture, features.pooled)[:, 0],
        "outside_kinds": linear_scores(network.kinds, features.texture),
    }


def _columns(name: str, dataset: Dataset, keep: np.ndarray) -> dict[str, np.ndarray]:
    return {f"{name}_{key}": values for key, values in picture_columns(dataset, keep).items()}


def conflict_arrays(types: Dataset, test: np.ndarray, logits: np.ndarray) -> dict[str, np.ndarray]:
    """The scores of radiographs with several types: (N,) bool ``test`` chooses them; ``logits`` (n, 10)."""
    rows = [row for row, is_test in zip(types.rows, test, strict=True) if is_test]
    return {
        "conflicts_ids": np.array([row.sha256[:16] for row in rows], "U16"),
        "conflicts_groups": np.array([row.group for row in rows], str),
        "conflicts_labels": types.label_sets[test],
        "conflicts_logits": logits,
    }
