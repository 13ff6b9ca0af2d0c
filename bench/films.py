"""The pictures that the benchmarks send: drawn radiographs, enlarged, with noise; always the same bytes."""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

from demo.drawings import draw
from tests.pictures import repacked

LARGE = (2828, 2122)  # rows and columns of a wrist film of 30 × 22 cm at 0.106 mm: 6 million pixels
CLINIC = (1600, 1200)  # what a clinic photographs or exports: 2 million pixels
SMALL = (900, 700)
BITS = 12
NOISE = (
    12.0  # standard deviation in steps of 1/4096: what a well exposed detector has in soft tissue
)
# As long as a real UID, and found again in the finished file: each sending replaces its last digits.
_NUMBER = 1_000_000_000  # that of the film itself; a UID's component has no leading zero
_UID = f"1.2.826.0.1.3680043.10.511.3.{{kind}}.{_NUMBER}"


@dataclass(frozen=True)
class Film:
    """A file, and how many bytes its pixels have uncompressed."""

    name: str
    data: bytes
    raw_bytes: int

    def copy(self, number: int) -> bytes:
        """The file as another instance of another study, equally long. ``number``: 1 to 8,999,999,999.

        A PNG or JPEG gets its number behind the picture's end, where no decoder reads.
        """
        digits = str(_NUMBER + number).encode()
        if self.name.endswith(".dcm"):
            return self.data.replace(b".%d" % _NUMBER, b"." + digits)
        return self.data + digits


def films(seed: int = 0) -> dict[str, Film]:
    """One film of each kind: raw, RLE and JPEG 2000 DICOM of 12 bits, a clinic's JPEG, a small PNG."""
    rng = np.random.default_rng(seed)
    large = _enlarged(LARGE, rng)
    clinic = (_enlarged(CLINIC, rng) >> (BITS - 8)).astype(np.uint8)
    small = (_enlarged(SMALL, rng) >> (BITS - 8)).astype(np.uint8)
    return {
        "dicom": _dicom(large, "raw", None),
        "rle": _dicom(large, "rle", "RLELossless"),
        "jpeg2000": _dicom(large, "jpeg2000", "JPEG2000Lossless"),
        "jpeg": _picture(clinic, "clinic.jpg", "JPEG", quality=92),
        "small": _picture(small, "small.png", "PNG"),
    }


def _enlarged(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """(H, W) uint16 of 12 bits."""
    drawn = draw("oblique", int(rng.integers(1000)))
    image = drawn.convert("F").resize((size[1], size[0]), Image.Resampling.BICUBIC)
    grey = np.asarray(image) * (2**BITS / 256) + rng.normal(0, NOISE, size)
    return grey.clip(0, 2**BITS - 1).astype(np.uint16)


def _picture(pixels: np.ndarray, name: str, kind: str, **options: int) -> Film:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return Film(name, file.getvalue(), pixels.nbytes)


def _dicom(pixels: np.ndarray, name: str, syntax: str | None) -> Film:
    uid = _UID.format(kind=1)
    header = FileMetaDataset()
    header.TransferSyntaxUID = ExplicitVRLittleEndian
    header.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    header.MediaStorageSOPInstanceUID = uid
    image = Dataset()
    image.file_meta = header
    image.SOPClassUID = DigitalXRayImageStorageForPresentation
    image.SOPInstanceUID = uid
    image.StudyInstanceUID = _UID.format(kind=2)
    image.SeriesInstanceUID = _UID.format(kind=3)
    image.PatientID, image.PatientName = "BENCH", "Bench^Drawn"
    image.Modality, image.BodyPartExamined = "DX", "LEG"
    image.PhotometricInterpretation, image.SamplesPerPixel = "MONOCHROME2", 1
    image.Rows, image.Columns = pixels.shape
    image.BitsAllocated, image.BitsStored, image.HighBit = 16, BITS, BITS - 1
    image.PixelRepresentation = 0
    image.WindowCenter, image.WindowWidth = 2048, 4096
    image.PixelData = pixels.tobytes()
    image["PixelData"].VR = "OW"
    file = io.BytesIO()
    image.save_as(file, enforce_file_format=True)
    data = file.getvalue()
    return Film(f"{name}.dcm", repacked(data, syntax) if syntax else data, pixels.nbytes)
