"""Sends a stored picture to somebody who may see it. The caller has checked that."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase

from triage.http.known import ASK_AGAIN, NEVER_KEPT, unless_known
from triage.models import Image

_ORIGINAL_TYPES = {
    Image.FileFormat.JPEG: "image/jpeg",
    Image.FileFormat.PNG: "image/png",
    Image.FileFormat.TIFF: "image/tiff",
    Image.FileFormat.DICOM: "application/dicom",
}


def send_file(
    request: HttpRequest, file: FieldFile, etag: str, content_type: str, attachment: str = ""
) -> HttpResponseBase:
    """Streams ``file``, or 304 where the browser has it. ``attachment`` is the name to save it under."""

    def stream() -> HttpResponseBase:
        return FileResponse(
            file.open("rb"),
            content_type=content_type,
            as_attachment=bool(attachment),
            filename=attachment,
            headers={"X-Content-Type-Options": "nosniff"},
        )

    keep = NEVER_KEPT if attachment else ASK_AGAIN
    return unless_known(request, f'"{etag}"', stream, keep)


def send_image(request: HttpRequest, image: Image, which: str) -> HttpResponseBase:
    """``which``: "display", "thumbnail", or "original", which is saved and never shown inline."""
    etag = f"{image.sha256}-{which}"
    if which == "original":
        content_type = _ORIGINAL_TYPES[Image.FileFormat(image.kind)]
        return send_file(request, image.original, etag, content_type, attachment=image.file_name)
    return send_file(request, getattr(image, which), etag, "image/jpeg")
