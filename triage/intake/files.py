"""Writes the files of an image. Names are made of site and SHA-256, so equal bytes lie once a site."""

from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import Site
from classifier.rendition_header import ENDING
from triage.intake.decoding import DecodedFile


@dataclass(frozen=True)
class StoredFiles:
    """Storage names, never paths."""

    original: str
    rendition: str
    display: str
    thumbnail: str


def store(site: Site, decoded: DecodedFile) -> StoredFiles:
    """Writes the original first, untouched, then what was made of it. Idempotent."""
    sha256, image = decoded.sha256, decoded.image
    folder = f"sites/{site.pk}/{sha256[:2]}/{sha256}"
    return StoredFiles(
        original=_write(f"{folder}/original", decoded.file.data),
        rendition=_write(f"{folder}/rendition.{ENDING}", image.rendition),
        display=_write(f"{folder}/display.jpg", image.display),
        thumbnail=_write(f"{folder}/thumbnail.jpg", image.thumbnail),
    )


def _write(name: str, data: bytes) -> str:
    """Writes ``data`` unless it is there. Returns the name.

    The name is made of the content's hash, so a file of another size under it is what a crash left.
    """
    if default_storage.exists(name):
        if default_storage.size(name) == len(data):
            return name
        default_storage.delete(name)
    return default_storage.save(name, ContentFile(data))
