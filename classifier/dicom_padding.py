"""Which stored values are padding: Pixel Padding Value and Range Limit (PS3.3 C.7.5.1.1.2).

Padding hides what it covers from reader and network, so it is believed only as far as it can't be anatomy.
"""

import numpy as np

from classifier.border import reaching_the_border
from classifier.dicom_header import Header
from classifier.dicom_layout import Layout

_SIXTEEN = 1 << 16  # values of the attributes' own representations, US and SS
# Shares of the middle (half of the height, half of the width) that padding may take. Bone is put there, so a
# range that takes more than a quarter of it is made of the picture's own greys: it would hide what is dark,
# or what is bright. One value alone is no texture: it may be a wide margin beside a narrow film, which
# fills at least a quarter of the middle.
_MOST_OF_MIDDLE = {"range": 0.25, "value": 0.75}


def padding(
    header: Header, samples: np.ndarray, codes: np.ndarray, layout: Layout
) -> np.ndarray | None:
    """(H, W) bool, where values are called padding; None if nowhere.

    ``samples``: (H, W) as they are in the file; ``codes``: stored values from the lowest one on, before any
    rescale.
    """
    ends = _ends(header)
    values = _stored_values(ends, layout)
    if values is not None:
        low, high = (number + layout.lift for number in values)
        mask = (codes >= low) & (codes <= high)
    elif is_beyond_stored_bits(header, layout):
        # Of all bits of a sample: by the stored ones alone, 65535 would hide the brightest of 12 bits.
        mask = samples.astype(np.uint16) == np.uint16(ends[0] % _SIXTEEN)
    else:
        return None
    return mask if mask.any() else None


def is_beyond_stored_bits(header: Header, layout: Layout) -> bool:
    """Whether padding is a single value that needs all bits of a sample, as some devices have it."""
    ends = _ends(header)
    return (
        len(ends) == 1
        and -_SIXTEEN // 2 <= ends[0] < _SIXTEEN
        and (layout.allocated, layout.unused) == (16, 0)
        and _stored_values(ends, layout) is None
    )


def credible_padding(
    mask: np.ndarray, shutter: np.ndarray | None, codes: np.ndarray
) -> np.ndarray | None:
    """The part of ``mask`` that is no anatomy: a region that reaches the picture's border, or what a shutter
    hides. A saturated implant may have the value of padding, and stays. None if nothing is left, or if it
    would take too much of the middle.
    """
    outer = reaching_the_border(mask if shutter is None else mask | shutter)
    if outer is None:
        return None
    found = mask & outer
    height, width = mask.shape
    middle = (slice(height // 4, -(-3 * height // 4)), slice(width // 4, -(-3 * width // 4)))
    taken = found[middle]
    if shutter is not None:
        taken = taken & ~shutter[middle]
    values = codes[found]
    if not values.size:
        return None
    most = _MOST_OF_MIDDLE["value" if values.min() == values.max() else "range"]
    return found if taken.mean() <= most else None


def _ends(header: Header) -> tuple[int, ...]:
    """The values between which padding lies, in any order; one if there is no range, none without padding."""
    value, limit = map(header.integer, ("PixelPaddingValue", "PixelPaddingRangeLimit"))
    return tuple(end for end in (value, limit) if end is not None) if value is not None else ()


def _stored_values(ends: tuple[int, ...], layout: Layout) -> tuple[int, int] | None:
    """The lowest and the highest stored value of the range, both of those that the stored bits can hold.

    Devices write negative values without their sign, and others with one, or as the bits that a pixel has. So
    where no end is a stored value as it stands, all are moved by one turn of the bits, if all are stored
    values then. Never one end of two: -2000 to 0, of unsigned 12 bits, would become 0 to 2096.
    """
    lowest, highest = -layout.lift, layout.top - layout.lift

    def is_stored(number: int) -> bool:
        return lowest <= number <= highest

    if not any(map(is_stored, ends)):
        turns = (-_SIXTEEN, -layout.top - 1) if layout.signed else (_SIXTEEN,)
        turned = [tuple(end + turn for end in ends) for turn in turns]
        ends = next((moved for moved in turned if all(map(is_stored, moved))), ends)
    if not ends or (len(ends) == 1 and not is_stored(ends[0])):
        return None
    low, high = max(min(ends), lowest), min(max(ends), highest)
    return (low, high) if low <= high else None
