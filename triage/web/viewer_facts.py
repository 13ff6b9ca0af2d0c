"""What the viewer of a page (``static/js/viewer``) has to know of a picture, as JSON."""

from typing import Any

from django.urls import reverse

from triage.models import Image
from triage.models.image_display import Curve
from triage.web.displays import curve_label

_SAID = ("levels", "function", "range", "covered")


def viewer_facts(image: Image) -> dict[str, Any]:
    """Sizes in pixels, of the file and as shown; ``bits``: stored ones. Addresses are those of the pages.

    ``slope`` and ``intercept``: value = slope × stored number + intercept, which windows are in.
    ``spacing``: mm between rows and columns of the file, and where they are so long; null if nobody says.
    ``whiteZero``: the lowest value is shown white; the rendition is bright bone already.

    ``said``: ``classifier.look`` of the image. Its tables stand as ``runs`` with their curves. Null of a row
    of before: the viewer then compares display and rendition.
    """
    address = reverse("image", args=[image.pk, "display"])
    spacing = image.spacing
    return {
        "number": image.position,
        "display": address,
        "rendition": reverse("image", args=[image.pk, "rendition"]),
        "width": image.width,
        "height": image.height,
        "shownWidth": image.shown_width,
        "shownHeight": image.shown_height,
        "bits": image.bits,
        "spacing": spacing
        and {"row": spacing.row, "column": spacing.column, "plane": str(spacing.plane.label)},
        "slope": image.rescale_slope or 1,
        "intercept": image.rescale_intercept or 0,
        "whiteZero": image.photometric_interpretation == "MONOCHROME1",
        "shape": image.voi_lut_function or "LINEAR",
        "said": image.look and {name: image.look[name] for name in _SAID},
        "curves": [_curve(image, curve, address) for curve in image.offered]
        or [{"address": address, "label": "", "center": None, "width": None, "runs": None}],
    }


def _curve(image: Image, curve: Curve, default: str) -> dict[str, Any]:
    """The default has the address that the page begins with, so that it isn't fetched twice."""
    named = f"display-{curve.number}"
    window = curve.window
    return {
        "address": default if curve.number == 1 else reverse("image", args=[image.pk, named]),
        "label": curve_label(curve),
        "center": window and window.center,
        "width": window and window.width,
        "runs": image.look and image.look["tables"][curve.number - 1],
    }
