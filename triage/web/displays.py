"""The displays of a picture that its header offers, and how they are called."""

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from triage.models import Image
from triage.models.image_display import Curve
from triage.models.image_facts import Window

SMALL_WINDOW = 10  # values from black to white


def displays_of(image: Image) -> list[tuple[str, str]]:
    """(address, label) of each display, the default first; empty if there is no choice."""
    curves = image.offered
    if len(curves) < 2:
        return []
    # The default has the address that the page begins with, so that it isn't fetched twice.
    names = ["display", *(f"display-{curve.number}" for curve in curves[1:])]
    return [
        (reverse("image", args=[image.pk, name]), curve_label(curve))
        for name, curve in zip(names, curves, strict=True)
    ]


def choices_of(image: Image) -> list[tuple[str, str]]:
    """The same for a list that always has one: what the picture is shown by first."""
    curves = image.offered
    label = curve_label(curves[0]) if curves else _("As it came")
    return displays_of(image) or [(reverse("image", args=[image.pk, "display"]), label)]


def curve_label(curve: Curve) -> str:
    """ "2,048 / 4,096 (BONE)"; "Table 2" where nothing else is known."""
    if curve.window is not None:
        return window_label(curve.window)
    return curve.name or _("Table %(number)d") % {"number": curve.number}


def window_label(window: Window) -> str:
    """ "2,048 / 4,096 (BONE)": centre, width and name."""
    # A small rescale makes small numbers, of which whole ones would say nothing.
    digits = 0 if window.width >= SMALL_WINDOW else 3
    numbers = f"{number_format(window.center, digits)} / {number_format(window.width, digits)}"
    return f"{numbers} ({window.explanation})" if window.explanation else numbers
