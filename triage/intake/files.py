"""Writes what the decoder made of an original, beside it."""

from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from classifier.decoder_version import DECODER_VERSION
from classifier.rendition_header import ENDING
from classifier.squares import file_name_of
from triage.intake.answer import DecodedImage


@dataclass(frozen=True)
class StoredFiles:
    """Storage names, never paths."""

    rendition: str
    display: str
    thumbnail: str
    alternatives: str
    network_input: str

    @property
    def derived(self) -> dict[str, str]:
        return dict(vars(self))


def store(original: str, image: DecodedImage) -> StoredFiles:
    """Writes the derived files. The original lies there since it arrived."""
    folder = original.rpartition("/")[0] + f"/v{DECODER_VERSION}"
    return StoredFiles(
        rendition=_write(f"{folder}/rendition.{ENDING}", image.rendition),
        display=_write(f"{folder}/display.jpg", image.display),
        thumbnail=_write(f"{folder}/thumbnail.jpg", image.thumbnail),
        alternatives=_write(f"{folder}/displays.jpegs", image.alternatives)
        if image.alternatives
        else "",
        network_input=_write_network_input(folder, image.network_input),
    )


def _write_network_input(folder: str, data: bytes) -> str:
    """ "" where the decoder made none."""
    return _write(f"{folder}/{file_name_of(data)}", data) if data else ""


def _write(name: str, data: bytes) -> str:
    """Writes ``data``. Returns the name: another one if a try before left a file. Nothing is replaced."""
    return default_storage.save(name, ContentFile(data))
