"""Writes what the decoder made of an original, beside it."""

from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from classifier.decoder_version import DECODER_VERSION
from classifier.rendition_header import ENDING
from triage.intake.decoding import DecodedFile


@dataclass(frozen=True)
class StoredFiles:
    """Storage names, never paths."""

    original: str
    rendition: str
    display: str
    thumbnail: str
    alternatives: str


def store(decoded: DecodedFile) -> StoredFiles:
    """Writes the derived files. The original lies there since it arrived."""
    image = decoded.image
    folder = decoded.file.stored.rpartition("/")[0] + f"/v{DECODER_VERSION}"
    return StoredFiles(
        original=decoded.file.stored,
        rendition=_write(f"{folder}/rendition.{ENDING}", image.rendition),
        display=_write(f"{folder}/display.jpg", image.display),
        thumbnail=_write(f"{folder}/thumbnail.jpg", image.thumbnail),
        alternatives=_write(f"{folder}/displays.jpegs", image.alternatives)
        if image.alternatives
        else "",
    )


def _write(name: str, data: bytes) -> str:
    """Writes ``data``. Returns the name: another one if a try before left a file. Nothing is replaced."""
    return default_storage.save(name, ContentFile(data))
