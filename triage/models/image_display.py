"""How a picture is shown: the curve that makes greys of its values, and the shape of its pixels."""

from dataclasses import dataclass, replace
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from classifier.aspect import MOST_ASPECT, square_shape
from triage.models.image_facts import EMPTY, Window
from triage.vocabulary import DisplayBy


@dataclass(frozen=True)
class Curve:
    """What makes greys of values: a window, or a table if ``window`` is None.

    ``name``: the header's own. ``number``: its place, from 1 on. ``start``, ``size``: bytes of the display by
    it in ``ImageDisplay.alternatives``; 0 and 0 of the default.
    """

    name: str
    window: Window | None
    number: int = 1
    start: int = 0
    size: int = 0


class ImageDisplay(models.Model):
    """Columns of ``Image`` that its decoder fills. The defaults are true of pictures of before."""

    # Of the rendition, which keeps the pixels of the file.
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    # Height of a pixel over its width. Display, thumbnail and network input have square pixels; boxes and
    # maps are fractions of the sides, the same in both. Pictures of before were taken for square everywhere.
    pixel_aspect_ratio = models.FloatField(
        default=1.0,
        db_default=1.0,
        validators=[MinValueValidator(1 / MOST_ASPECT), MaxValueValidator(MOST_ASPECT)],
    )
    # What ``display`` and ``thumbnail`` are made by. "": not recorded.
    display_by = models.CharField(max_length=24, choices=DisplayBy.choices, **EMPTY)
    # ``classifier.display.Table.as_json`` of each curve that is offered, the default first, with ``start``
    # and ``size``: where its display lies in ``alternatives``. Rows of before 0041 have neither.
    curves = models.JSONField(default=list, db_default=[], blank=True)
    # ``classifier.look``: what a viewer needs to make the display's greys of the rendition. Null: the display
    # was made before this was recorded, and the viewer finds out what it can by comparing both.
    look = models.JSONField(null=True, blank=True)
    # The displays by all curves but the default, one JPEG behind the other: one file to name, sweep and
    # remove. "": none is offered.
    alternatives = models.FileField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        abstract = True

    @property
    def square_shape(self) -> tuple[int, int]:
        """Height and width in square pixels: the shape of what is shown, and what boxes are drawn on."""
        return square_shape(self.height, self.width, self.pixel_aspect_ratio)

    @property
    def shown_height(self) -> int:
        return self.square_shape[0]

    @property
    def shown_width(self) -> int:
        return self.square_shape[1]

    @property
    def is_window_unusable(self) -> bool:
        """Whether what the header says of greys would have shown a blank picture."""
        return self.display_by == DisplayBy.VALUES_BESIDE_WINDOW

    @property
    def offered(self) -> list[Curve]:
        """The header's curves by which a display exists, the default first."""
        known = enumerate(map(_curve, self.curves), start=1)
        numbered = [replace(curve, number=number) for number, curve in known]
        return numbered[:1] + [curve for curve in numbered[1:] if curve.size and self.alternatives]


def _curve(stored: dict[str, Any]) -> Curve:
    center, width = stored["center"], stored["width"]
    window = None if width is None else Window(center, width, stored["name"])
    return Curve(stored["name"], window, start=stored.get("start", 0), size=stored.get("size", 0))


_BY_CURVE = Q(display_by__in=[DisplayBy.WINDOW.value, DisplayBy.TABLE.value])
DISPLAY_CONSTRAINTS = [
    models.CheckConstraint(
        condition=Q(pixel_aspect_ratio__gte=1 / MOST_ASPECT, pixel_aspect_ratio__lte=MOST_ASPECT),
        name="image_pixel_aspect_is_one_of_a_film",
    ),
    models.CheckConstraint(
        condition=(_BY_CURVE & ~Q(curves=[])) | (~_BY_CURVE & Q(curves=[])),
        name="image_is_shown_by_a_curve_that_it_has",
    ),
]
