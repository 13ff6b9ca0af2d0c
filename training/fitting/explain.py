"""The activation maps of held-out pictures, and the deletion test of whether they are faithful.

Deletion (Petsiuk et al., 2018; in ROAD's order, most important first): the cells of the map are blurred away,
ten per cent more at a step, and the probability of the top class is recorded. With a faithful map it falls
faster than with the same number of random cells.
"""

import numpy as np
import torch
from torch.nn import functional

from classifier.network import FractureNetwork
from training.fitting.run import ClassifierRun
from training.networks.device import normalised

SHARES = (0.0, 0.1, 0.2, 0.3, 0.4)  # shares of the map's cells that are hidden, one for each step
_PICTURES = 60  # of each fold, in the deletion test


@torch.inference_mode()
def explain_held_out(
    run: ClassifierRun, network: FractureNetwork, rows: np.ndarray
) -> dict[str, np.ndarray]:
    """Returns the maps of the pictures of the ten types in ``rows`` (n,), and the deletion test of m of them.

    ``maps`` (n, 2, h, w) float16: evidence for the top class and for its rival, in logits.
    ``deletion_ids``, ``deletion_groups`` (m,): which pictures the test is of. ``deletion_by_map``,
    ``deletion_by_chance`` (m, len(SHARES)): the top class's probability when that share of the cells is
    hidden, in the map's order and in a random order.
    """
    dataset, device, size = run.data.types, run.device, run.config.size
    maps = np.concatenate(
        [
            _maps(network, device.inputs(dataset.pixels[rows[at : at + 64]], size))
            for at in range(0, len(rows), 64)
        ]
    )
    rng = np.random.default_rng(run.config.seed)
    chosen = rng.permutation(len(rows))[:_PICTURES]
    images = device.images(dataset.pixels[rows[chosen]], size)
    grid, shown = maps.shape[-2:], [dataset.rows[row] for row in rows[chosen]]
    inside = np.stack([_inside(row.size, grid) for row in shown])
    by_map = _ranks(np.where(inside, maps[chosen, 0].reshape(inside.shape), -np.inf))
    by_chance = _ranks(np.where(inside, rng.random(inside.shape), -np.inf))
    counts = inside.sum(1)
    return {
        "maps": maps.astype(np.float16),
        "deletion_ids": np.array([row.sha256[:16] for row in shown], "U16"),
        "deletion_groups": np.array([row.group for row in shown], str),
        "deletion_by_map": _curve(network, images, by_map, counts, grid),
        "deletion_by_chance": _curve(network, images, by_chance, counts, grid),
    }


def _inside(size: tuple[int, int], grid: tuple[int, ...]) -> np.ndarray:
    """(h·w,) bool: the cells whose centre lies in the picture.

    The other cells lie in the bars of the letterbox, where there is nothing to hide. ``size``: width and
    height of the file.
    """
    longest = max(size)
    across, down = (
        np.abs((np.arange(cells) + 0.5) / cells - 0.5) <= side / longest / 2
        for side, cells in zip(size, reversed(grid), strict=True)
    )
    inside: np.ndarray = (down[:, None] & across).ravel()
    return inside


def _ranks(values: np.ndarray) -> np.ndarray:
    """(n, cells): 0 for the largest value of a row, 1 for the next one."""
    return np.argsort(np.argsort(-values, axis=1, kind="stable"), axis=1)


def _maps(network: FractureNetwork, inputs: torch.Tensor) -> np.ndarray:
    """(N, 2, h, w): evidence for the two likeliest classes; see ``classifier.activation``."""
    reading = network(inputs)
    two = reading.logits.topk(2).indices
    found: np.ndarray = (
        torch.einsum("nkc,nchw->nkhw", network.head.weight[two], reading.features).cpu().numpy()
    )
    return found


def _curve(
    network: FractureNetwork,
    images: torch.Tensor,
    ranks: np.ndarray,
    counts: np.ndarray,
    grid: tuple[int, ...],
) -> np.ndarray:
    """(n, len(SHARES)): the probability of each picture's top class when a share of its cells is hidden.

    ``counts`` (n,): number of cells of each picture. ``ranks`` (n, cells): cells with low ranks are hidden
    first.
    """
    blurred = _blurred(images)
    classes = network(normalised(images)).logits.argmax(1)
    columns = []
    for share in SHARES:
        hidden = ranks < np.round(share * counts)[:, None]
        mask = torch.from_numpy(hidden).view(len(ranks), 1, *grid).to(images.device, images.dtype)
        mask = functional.interpolate(mask, images.shape[-2:], mode="nearest")
        shown = images * (1 - mask) + blurred * mask
        probabilities = network(normalised(shown)).logits.softmax(1)
        columns.append(probabilities.gather(1, classes[:, None])[:, 0])
    curve: np.ndarray = torch.stack(columns, 1).cpu().numpy()
    return curve


def _blurred(images: torch.Tensor) -> torch.Tensor:
    """What hidden cells show instead: the picture at a sixteenth of its resolution."""
    small = functional.interpolate(images, scale_factor=1 / 16, mode="area")
    return functional.interpolate(small, images.shape[-2:], mode="bilinear")
