"""Makes files of every kind that intake meets, good and bad."""

import io
import struct
import tempfile
from pathlib import Path

import gdcm
import numpy as np
from PIL import Image
from pydicom import DataElement, Dataset, FileMetaDataset, config, dcmwrite, uid
from pydicom.encaps import encapsulate

# As ``classifier.dicom`` sets it, which a test may import later: devices write what the standard forbids.
config.settings.reading_validation_mode = config.IGNORE

CR_CLASS = "1.2.840.10008.5.1.4.1.1.1"
INSTANCE = "1.2.826.0.1.3680043.8.498.1"
CAPTURE_CLASS = "1.2.840.10008.5.1.4.1.1.7"
_PHOTOMETRIC_IS_BLACK_ZERO = struct.pack("<HHII", 262, 3, 1, 1)
_PHOTOMETRIC_IS_WHITE_ZERO = struct.pack("<HHII", 262, 3, 1, 0)


def pixels(height: int = 48, width: int = 64, bits: int = 8, seed: int = 1) -> np.ndarray:
    """(H, W) uint8 or uint16 of ``bits`` bits: a slope with grain, alike in no two corners."""
    rng = np.random.default_rng(seed)
    top = (1 << bits) - 1
    slope = np.linspace(0.1, 0.8, width) + np.linspace(0, 0.15, height)[:, None]
    grey = (slope + rng.normal(0, 0.01, (height, width))).clip(0, 1) * top
    return grey.round().astype(np.uint8 if bits <= 8 else np.uint16)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def jpeg(grey: np.ndarray | None = None, orientation: int = 0, **options: object) -> bytes:
    """A grey JPEG; ``orientation`` is EXIF's, ``options`` are Pillow's."""
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    options.setdefault("quality", 95)
    picture = Image.fromarray(pixels() if grey is None else grey)
    return saved(picture, "JPEG", exif=exif, **options)


def png(grey: np.ndarray | None = None, **options: object) -> bytes:
    return saved(Image.fromarray(pixels() if grey is None else grey), "PNG", **options)


def tiff(
    grey: np.ndarray | None = None,
    big_endian: bool = False,
    white_is_zero: bool = False,
    pages: int = 1,
    **options: object,
) -> bytes:
    """A TIFF of 8 or 16 bit; ``white_is_zero`` relabels the pixels, it doesn't invert them."""
    grey = pixels() if grey is None else grey
    picture = Image.fromarray(grey.astype(">u2") if big_endian else grey)
    more = {"save_all": True, "append_images": [picture] * (pages - 1)} if pages > 1 else {}
    data = saved(picture, "TIFF", **more, **options)
    if white_is_zero:
        assert _PHOTOMETRIC_IS_BLACK_ZERO in data
        data = data.replace(_PHOTOMETRIC_IS_BLACK_ZERO, _PHOTOMETRIC_IS_WHITE_ZERO)
    return data


def dicom(
    stored: np.ndarray | None = None,
    bits: int = 12,
    syntax: uid.UID = uid.ExplicitVRLittleEndian,
    pixel_data: bytes | None = None,
    **tags: object,
) -> bytes:
    """A CR image of (H, W) or (H, W, 3) stored values; ``tags`` override the header by keyword.

    A tag of None is left out; a DataElement may have another VR than the standard's. ``pixel_data``
    is an already packed frame for ``syntax``. Signed values are stored as such.
    """
    stored = pixels(bits=bits) if stored is None else stored
    header = Dataset()
    header.update(_image_module(stored, bits))
    header.Modality = "CR"
    header.SOPClassUID = CR_CLASS
    header.SOPInstanceUID = INSTANCE
    header.PatientName = "Nobody^Synthetic"
    header.PatientID = "SECRET-ID"
    header.PatientBirthDate = "19800615"
    header.StudyDate = "20260101"
    if pixel_data is None:
        order = ">" if syntax == uid.ExplicitVRBigEndian else "<"
        header.PixelData = stored.astype(stored.dtype.newbyteorder(order)).tobytes()
    else:
        header.PixelData = encapsulate([pixel_data])
    header["PixelData"].VR = "OW" if stored.dtype.itemsize == 2 else "OB"
    header["PixelData"].is_undefined_length = pixel_data is not None
    for keyword, value in tags.items():
        if value is None:
            header.pop(keyword, None)
        elif isinstance(value, DataElement):
            header[value.tag] = value
        else:
            setattr(header, keyword, value)
    return _written(header, syntax)


def _image_module(stored: np.ndarray, bits: int) -> Dataset:
    module = Dataset()
    module.Rows, module.Columns = stored.shape[:2]
    module.SamplesPerPixel = 3 if stored.ndim == 3 else 1
    module.PhotometricInterpretation = "RGB" if stored.ndim == 3 else "MONOCHROME2"
    if stored.ndim == 3:
        module.PlanarConfiguration = 0
    module.BitsAllocated = stored.dtype.itemsize * 8
    module.BitsStored, module.HighBit = bits, bits - 1
    module.PixelRepresentation = int(stored.dtype.kind == "i")
    return module


def _written(header: Dataset, syntax: uid.UID) -> bytes:
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = syntax
    header.file_meta.MediaStorageSOPClassUID = CR_CLASS  # nobody reads these two
    header.file_meta.MediaStorageSOPInstanceUID = INSTANCE
    header.preamble = bytes(128)
    out = io.BytesIO()
    dcmwrite(out, header)
    return out.getvalue()


def repacked(data: bytes, syntax: str) -> bytes:
    """The DICOM file in another transfer syntax, packed by GDCM (``JPEGLSLossless``, …)."""
    with tempfile.TemporaryDirectory() as folder:
        plain, packed = Path(folder) / "plain.dcm", Path(folder) / "packed.dcm"
        plain.write_bytes(data)
        reader = gdcm.ImageReader()
        reader.SetFileName(str(plain))
        assert reader.Read()
        change = gdcm.ImageChangeTransferSyntax()
        change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, syntax)))
        change.SetInput(reader.GetImage())
        assert change.Change()
        writer = gdcm.ImageWriter()
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        writer.SetFileName(str(packed))
        assert writer.Write()
        return packed.read_bytes()


def bomb_png(side: int = 20_000) -> bytes:
    """A PNG of a few kilobytes whose header asks for ``side`` squared pixels."""
    return saved(Image.new("1", (side, side)), "PNG", compress_level=9)


def jpeg_cut_inside(share: float = 0.5) -> bytes:
    """A JPEG that lost the end of its scan and got an end marker again."""
    whole = jpeg()
    return whole[: int(len(whole) * share)] + b"\xff\xd9"
