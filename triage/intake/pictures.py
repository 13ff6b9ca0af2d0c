"""Sends a stored picture to somebody who may see it. The caller has checked that."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from triage.models import Image

# The browser keeps it, but asks before it shows it again whether this person may see it: on a ward, people
# share a computer without signing out.
ASK_AGAIN = "private, no-cache"
NEVER_KEPT = "private, no-store"  # an original may hold a patient's name

_ORIGINAL_TYPES = {
    Image.Kind.JPEG: "image/jpeg",
    Image.Kind.PNG: "image/png",
    Image.Kind.TIFF: "image/tiff",
    Image.Kind.DICOM: "application/dicom",
}


def send(
    request: HttpRequest, file: FieldFile, etag: str, content_type: str, attachment: str = ""
) -> HttpResponseBase:
    """Streams ``file``, or 304 where the browser has it. ``attachment`` is the name to save it under."""
    quoted = f'"{etag}"'
    # Django compares weakly: a proxy that compresses the answer turns its tag into a weak one.
    response: HttpResponseBase | None = get_conditional_response(request, etag=quoted)
    if response is None:
        response = FileResponse(
            file.open("rb"),
            content_type=content_type,
            as_attachment=bool(attachment),
            filename=attachment,
        )
        response["X-Content-Type-Options"] = "nosniff"
    response["ETag"] = quoted
    response["Cache-Control"] = NEVER_KEPT if attachment else ASK_AGAIN
    return response


def send_image(request: HttpRequest, image: Image, which: str) -> HttpResponseBase:
    """``which``: "display", "thumbnail", or "original", which is saved and never shown inline."""
    etag = f"{image.sha256}-{which}"
    if which == "original":
        content_type = _ORIGINAL_TYPES[Image.Kind(image.kind)]
        return send(request, image.original, etag, content_type, attachment=image.file_name)
    return send(request, getattr(image, which), etag, "image/jpeg")
