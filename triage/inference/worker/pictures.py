"""What a release needs of a job's picture: the network input that lies beside it, else the rendition."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from celery.exceptions import SoftTimeLimitExceeded
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile

from classifier.network_input import (
    NetworkInput,
    NoNetworkInput,
    PreparedRadiograph,
    input_of,
    read_network_input,
    squares_of,
    write_network_input,
)
from classifier.preprocess import Preprocessing
from classifier.radiograph import Radiograph, radiograph_of_rendition
from classifier.squares import Squares
from triage.inference.described import described
from triage.models import Image, Job

logger = logging.getLogger(__name__)


class StorageOutage(Exception):
    """The file storage didn't return a picture's bytes, which isn't the picture's fault."""


def read_image(
    job: Job, preprocessings: Sequence[Preprocessing] = ()
) -> Radiograph | PreparedRadiograph:
    """The job's image for the release with these preprocessings, from files of our own, so that no foreign
    bytes reach this process; and what sender and header say of it.

    1. The decoder has stored the network input of the release that was active then. If it is this release's,
       nothing is decoded.
    2. Otherwise the rendition is read. The input that is made of it is stored in the other's place, for
       releases that are made alike.

    Raises:
        StorageOutage: the storage doesn't give the bytes, for whatever reason.
        RefusedFile: the bytes are not a complete picture.
    """
    image, said = job.image, described(job.image)
    squares = squares_of(preprocessings)
    stored = squares and _stored_input(image, squares)
    if stored:
        return PreparedRadiograph(stored, said.subject)
    pixels = image.width * image.height  # intake has checked the row, and storage is outside of it
    radiograph = radiograph_of_rendition(
        _bytes_of(image.rendition), image.pixel_aspect_ratio, pixels
    )
    radiograph = replace(radiograph, modality=said.modality, tags=said.tags, sender=said.sender)
    if squares is None or not squares.are_kept_of(image.height, image.width):
        return radiograph
    made = input_of(radiograph.square, preprocessings)
    _keep(image, made, squares)
    return PreparedRadiograph(made, said.subject)


def _bytes_of(file: FieldFile) -> bytes:
    try:
        with file.open("rb") as opened:
            data: bytes = opened.read()
            return data
    except (SoftTimeLimitExceeded, MemoryError):
        raise
    except Exception as error:  # each storage has errors of its own
        raise StorageOutage from error


def _stored_input(image: Image, squares: Squares) -> NetworkInput | None:
    """None where the rendition must do: there is no such file, or it is another release's, or damaged."""
    if not image.network_input:
        return None
    try:
        return read_network_input(_bytes_of(image.network_input), squares)
    except NoNetworkInput:
        return None
    except StorageOutage:
        # Another worker may just have put its own release's in its place. An outage hits the rendition too.
        logger.info("Image %s: its network input can't be read", image.pk, exc_info=True)
        return None


def _keep(image: Image, made: NetworkInput, squares: Squares) -> None:
    """Stores an input and names it in the row. It only saves time: a storage that is full fails no job.

    Order: the new file, the row, then the old file goes, so that no row names a file that isn't there.
    """
    former = image.network_input.name or ""
    try:
        name = default_storage.save(
            f"{PurePosixPath(str(image.rendition)).parent}/{squares.file_name}",
            ContentFile(write_network_input(made, squares)),
        )
        # Another worker may have been faster: then its file stays.
        mine = Image.objects.filter(pk=image.pk, network_input=former).update(network_input=name)
        for superfluous in filter(None, [former if mine else name]):
            default_storage.delete(superfluous)
    except (SoftTimeLimitExceeded, MemoryError):
        raise
    except OSError:
        logger.warning("Image %s: its network input can't be stored", image.pk, exc_info=True)
