"""How a picture is shown: the curve that makes greys of its values, and the shape of its pixels."""

from dataclasses import dataclass

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from classifier.aspect import MOST_ASPECT, square_shape
from triage.models.image_facts import EMPTY, Window
from triage.vocabulary import DisplayBy


@dataclass(frozen=True)
class Curve:
    """What makes greys of values: a window, or a table if ``window`` is None. ``name``: the header's own."""

    name: str
    window: Window | None


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
    # ``classifier.display.Table.as_json`` of each curve that is offered, the default first.
    curves = models.JSONField(default=list, db_default=[], blank=True)

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
        """The header's curves that show something of this picture; ``display`` is made by the first one."""
        return [
            Curve(curve["name"], Window(curve["center"], curve["width"], curve["name"]))
            if curve["width"] is not None
            else Curve(curve["name"], None)
            for curve in self.curves
        ]


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
