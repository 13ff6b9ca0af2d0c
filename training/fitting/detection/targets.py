"""What a detector should say in each cell of its map, made from boxes."""

import numpy as np

STRIDE = 8  # pixels of the detector's input for each cell of its maps
_WIDTH = 0.3  # standard deviation of a target, in sides of its box
_LEAST = 10.0  # pixels; a smaller side would leave no cell


def cell_targets(corners: np.ndarray, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """(n, 4) left, top, right, bottom in pixels → ``heat`` (cells, cells) and ``extent`` (4, cells, cells).

    ``heat``, 0..1, is a Gaussian bump a box as in CenterNet (Zhou et al., 2019), 1 at the cell nearest to its
    centre and about 0.25 at its edge. ``extent``: distances from the cell's centre to the left, top, right
    and bottom edge of the box whose bump is the higher one there, in cells, as in FCOS (Tian et al., 2019);
    negative outside the box.
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
