"""Sends a stored picture to somebody who may see it. The caller has checked that."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
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
    """``which``: "display", "thumbnail", "rendition", or "original", which is never shown inline; "display-2"
    and so on is the display by another curve of the header. Raises Http404 for anything else.
    """
    etag = f"{image.sha256}-{which}"
    name, _, number = which.partition("-")
    if name not in ("display", "thumbnail", "rendition", "original") or (
        number and name != "display"
    ):
        raise Http404
    if number and number != "1":
        return _send_alternative(request, image, number, etag)
    which = name
    if which == "rendition":
        # Two formats, which their first bytes tell apart; no browser shows either with all its greys.
        return send_file(request, image.rendition, etag, "application/octet-stream")
    if which == "original":
        content_type = _ORIGINAL_TYPES[Image.FileFormat(image.kind)]
        return send_file(request, image.original, etag, content_type, attachment=image.file_name)
    return send_file(request, getattr(image, which), etag, "image/jpeg")


def _send_alternative(
    request: HttpRequest, image: Image, number: str, etag: str
) -> HttpResponseBase:
    offered = {str(curve.number): curve for curve in image.offered[1:]}
    if number not in offered:
        raise Http404
    curve = offered[number]

    def part() -> HttpResponse:
        with image.alternatives.open("rb") as file:
            file.seek(curve.start)
            jpeg = file.read(curve.size)  # below 3 MB
        headers = {"X-Content-Type-Options": "nosniff"}
        return HttpResponse(jpeg, content_type="image/jpeg", headers=headers)

    return unless_known(request, f'"{etag}"', part)
