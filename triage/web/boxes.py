"""The detector's boxes as they are drawn over a picture, and as a text."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Label heights in the picture's longer side: legible on a phone, and small beside a joint.
LABELS_A_SIDE = 36
# Fractions of the picture's side. Nearer to its edge a label doesn't fit between the box and the edge: it
# is about two of its heights high with its distance (2/36), and its longest text ("> 99 %") about three
# heights wide, which is 0.15 of the shorter side of a narrow picture.
SPACE_ABOVE = 0.06
SPACE_BESIDE = 0.15

# By thirds of the picture, rows from the top down. As the picture lies: never sides of the patient.
_PLACES: tuple[tuple[str | Promise, ...], ...] = (
    (_("upper left"), _("upper middle"), _("upper right")),
    (_("middle left"), _("the middle"), _("middle right")),
    (_("lower left"), _("lower middle"), _("lower right")),
)


@dataclass(frozen=True)
class DrawnBox:
    """``x``, ``y``: upper left corner; all but ``score`` are fractions of the picture's sides.

    ``score``: 0..1, the calibrated probability that the box lies on a fracture. ``number``: 1 and up where
    text alone doesn't distinguish it from another box of the picture, else 0. ``is_crowded``: a better box's
    label lies where the one above this box would.
    """

    x: float
    y: float
    width: float
    height: float
    score: float
    number: int = 0
    is_crowded: bool = False

    @classmethod
    def all_of(cls, boxes: Iterable[Mapping[str, float]]) -> list[Self]:
        """As they are kept, best first. Those that lie in the same place are numbered, in that order."""
        drawn = [
            cls(box["x"], box["y"], box["width"], box["height"], box["score"]) for box in boxes
        ]
        times, seen = Counter(str(box.place) for box in drawn), Counter[str]()
        labelled: list[Self] = []
        for box in drawn:
            place = str(box.place)
            seen[place] += 1
            number = seen[place] if times[place] > 1 else 0
            is_crowded = any(box._label_meets(better) for better in labelled)
            labelled.append(replace(box, number=number, is_crowded=is_crowded))
        return labelled

    def _label_meets(self, other: Self) -> bool:
        across, down = (
            abs(mine - theirs)
            for mine, theirs in zip(self._label_middle, other._label_middle, strict=True)
        )
        return across < SPACE_BESIDE and down < SPACE_ABOVE

    @property
    def _label_middle(self) -> tuple[float, float]:
        beside = -SPACE_BESIDE / 2 if self.label_ends else SPACE_BESIDE / 2
        above = SPACE_ABOVE / 2 if self.label_side == "below" else -SPACE_ABOVE / 2
        return self.label_x + beside, self.label_y + above

    @property
    def place(self) -> str | Promise:
        """The text for where its middle lies."""
        column, row = (
            min(2, int(3 * (start + length / 2)))
            for start, length in ((self.x, self.width), (self.y, self.height))
        )
        return _PLACES[row][column]

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def label_side(self) -> str:
        """Where the score is written: above the box, or below it, so that it covers nothing inside.

        Inside, at the foot, where the box reaches from the picture's top to its foot.
        """
        fits_above, fits_below = self.y >= SPACE_ABOVE, self.bottom <= 1 - SPACE_ABOVE
        if fits_above and not (self.is_crowded and fits_below):
            return "above"
        return "below" if fits_below else "inside"

    @property
    def label_ends(self) -> bool:
        """Whether the label ends at the box's right edge; from its left one it would leave the picture."""
        return self.x > 1 - SPACE_BESIDE

    @property
    def label_shift(self) -> str:
        """From the box's edge to the foot of the letters, in letter heights."""
        return "1.15em" if self.label_side == "below" else "-0.4em"

    @property
    def label_x(self) -> float:
        return self.x + self.width if self.label_ends else self.x

    @property
    def label_y(self) -> float:
        return self.y if self.label_side == "above" else self.bottom
