"""The targets of the detector in each cell of its map, made from boxes."""

import numpy as np

STRIDE = 8  # pixels of the detector's input for each cell of its maps
_WIDTH = 0.3  # standard deviation of a target, as a share of the box's side
_LEAST = 10.0  # pixels; a smaller side might contain no cell


def cell_targets(corners: np.ndarray, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """(n, 4) left, top, right, bottom in pixels → ``heat`` (cells, cells), ``extent`` (4, cells, cells).

    ``heat``, 0..1: a Gaussian for each box as in CenterNet (Zhou et al., 2019): 1 at the cell nearest to the
    box's centre, about 0.25 at its edge. ``extent``: distances in cells from the cell's centre to the left,
    top, right and bottom edge of a box as in FCOS (Tian et al., 2019), negative outside the box. Where boxes
    overlap, the one with the higher Gaussian counts.
    """
    heat = np.zeros((cells, cells), np.float32)
    extent = np.zeros((4, cells, cells), np.float32)
    y, x = (np.mgrid[:cells, :cells] + 0.5) * STRIDE
    for left, top, right, bottom in corners:
        width, height = max(right - left, _LEAST), max(bottom - top, _LEAST)
        off_x = (x - (left + right) / 2) / (_WIDTH * width)
        off_y = (y - (top + bottom) / 2) / (_WIDTH * height)
        bump = np.exp(-(off_x**2 + off_y**2) / 2)
        bump /= bump.max()
        higher = bump > heat
        heat = np.where(higher, bump, heat).astype(np.float32)
        own = np.stack([x - left, y - top, right - x, bottom - y]) / STRIDE
        extent = np.where(higher, own, extent).astype(np.float32)
    return heat, extent
