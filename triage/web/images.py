"""Pictures and activation maps, for those who may see their case."""

import io
from functools import lru_cache
from uuid import UUID

import numpy as np
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe
from PIL import Image as PilImage

from accounts.requests import SignedInRequest
from triage.http.files import send_image
from triage.http.known import unless_known
from triage.models import Image, Prediction
from triage.web.map_palette import PALETTE
from triage.worklist.one_case import shown_case

LONGEST = 512  # pixels of a map's longer side
OPAQUE = 190  # alpha of the strongest evidence, of 255: the bone must stay visible below it


@require_safe
@login_required
def image(request: SignedInRequest, image_id: UUID, which: str) -> HttpResponseBase:
    """``which``: display, thumbnail, rendition (for ``static/js/rendition.js``) or original; display-2 and
    so on: by another curve of the header.
    """
    found = get_object_or_404(Image.objects.visible_to(request.user), pk=image_id)
    return send_image(request, found, which)


@require_safe
@login_required
def activation_map(request: SignedInRequest, prediction_id: UUID, which: str) -> HttpResponseBase:
    """A map as a transparent PNG of the picture's shape.

    ``which``: ``top`` or ``rival``, the evidence for that class; ``fracture``, where the detector sees one.
    """
    predictions = Prediction.objects.visible_to(request.user)
    prediction = get_object_or_404(
        predictions.select_related("image__case", "release").defer("release__manifest"),
        pk=prediction_id,
    )
    case = shown_case(request.user, prediction.image.case)
    disclosed = case.disclose(prediction)
    if disclosed is None:
        raise Http404
    grids = {
        "top": disclosed.activation_map,
        "rival": disclosed.rival_activation_map,
        "fracture": disclosed.fracture_map,
    }
    grid = grids.get(which)
    if grid is None:
        raise Http404
    cells = grid

    def png() -> HttpResponse:
        # Cells have small probabilities, the same colour for the same one on every picture; the classes'
        # maps are scaled to their own maximum.
        values = np.sqrt(cells).tolist() if which == "fracture" else cells
        height, width = prediction.image.square_shape
        return HttpResponse(coloured(values, width, height), content_type="image/png")

    return unless_known(request, f'"{prediction.pk}-{which}"', png)


def coloured(grid: list[list[float]], width: int, height: int) -> bytes:
    """A PNG of the grid (values 0..1), smoothed to the aspect of a ``width`` × ``height`` picture."""
    scale = LONGEST / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    values = PilImage.fromarray(np.asarray(grid, np.float32)).resize(
        size, PilImage.Resampling.BICUBIC
    )
    level = np.clip(np.asarray(values) * 255, 0, 255).astype(np.uint8)
    rgba = np.dstack(
        [_palette()[level], (level.astype(np.float32) * OPAQUE / 255).astype(np.uint8)]
    )
    buffer = io.BytesIO()
    PilImage.fromarray(rgba).save(buffer, "PNG")
    return buffer.getvalue()


@lru_cache
def _palette() -> np.ndarray:
    """(256, 3) uint8 between the anchors."""
    at = np.linspace(0, 255, len(PALETTE))
    channels = [np.interp(np.arange(256), at, channel) for channel in zip(*PALETTE, strict=True)]
    return np.stack(channels, axis=1).astype(np.uint8)
