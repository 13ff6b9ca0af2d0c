"""What the file of a split keeps of the pictures that it held out."""

import numpy as np

from training.datasets.dataset import Dataset


def conflict_arrays(types: Dataset, held: np.ndarray, logits: np.ndarray) -> dict[str, np.ndarray]:
    """What a part's file keeps of the pictures of (N,) bool ``held``, which ``logits`` (n, 10) are of."""
    rows = [row for row, kept in zip(types.rows, held, strict=True) if kept]
    return {
        "conflicts_ids": np.array([row.sha256[:16] for row in rows], "U16"),
        "conflicts_groups": np.array([row.group for row in rows], str),
        "conflicts_labels": types.label_sets[held],
        "conflicts_logits": logits,
    }
