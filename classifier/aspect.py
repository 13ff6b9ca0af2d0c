"""The aspect of pixels that are not square: height of a pixel over its width.

A rendition keeps the pixels of the file. Whatever somebody looks at has square pixels: display, thumbnail,
network input, and so the maps of the network. Boxes are fractions of the sides, the same in both.
"""

# Beyond it, a spacing is a mistake. Films that are digitised line by line reach 2.
MOST_ASPECT = 4.0
_TOLERANCE = 0.01  # a hundredth of a side is below what anybody sees on a screen


def credible(ratio: float) -> float:
    """``ratio``, or 1 if pixels are square, or if no film has pixels of this ratio."""
    is_square = abs(ratio - 1) <= _TOLERANCE
    return 1.0 if is_square or not 1 / MOST_ASPECT <= ratio <= MOST_ASPECT else ratio


def square_shape(height: int, width: int, aspect: float) -> tuple[int, int]:
    """Height and width in square pixels. The side with the coarser pixels becomes longer: nothing is lost."""
    if aspect > 1:
        return max(1, round(height * aspect)), width
    return height, max(1, round(width / aspect))
