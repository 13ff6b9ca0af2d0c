"""Draws what warms the decode parent up: ``python -m tests.classifier.samples`` writes the files anew."""

from pathlib import Path

import numpy as np
from PIL import Image
from pydicom import uid

import classifier
from tests import pictures

FOLDER = Path(classifier.__file__).with_name("samples")
PLAIN = (uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian)
# As GDCM names them.
PACKED = {
    "JPEGBaselineProcess1": uid.JPEGBaseline8Bit,
    "JPEGLosslessProcess14": uid.JPEGLossless,
    "JPEGLosslessProcess14_1": uid.JPEGLosslessSV1,
    "JPEGLSLossless": uid.JPEGLSLossless,
    "JPEGLSNearLossless": uid.JPEGLSNearLossless,
    "JPEG2000Lossless": uid.JPEG2000Lossless,
    "JPEG2000": uid.JPEG2000,
    "RLELossless": uid.RLELossless,
}


def drawn() -> dict[str, bytes]:
    """File name → file."""
    wide, grey = pictures.pixels(24, 32, bits=16), pictures.pixels(24, 32)
    shown = Image.fromarray(grey)
    found = {
        f"{mode}.jpg": pictures.saved(shown.convert(mode), "JPEG") for mode in ("L", "RGB", "CMYK")
    }
    found["turned.jpg"] = pictures.jpeg(grey, orientation=6, progressive=True)
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
        found[f"{mode}.png"] = pictures.saved(shown.convert(mode), "PNG")
    found["wide.png"], found["wide.tif"] = pictures.png(wide), pictures.tiff(wide)
    for packing in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        found[f"{packing}.tif"] = pictures.tiff(grey, compression=packing)
    for syntax in PLAIN:
        found[f"{syntax.keyword}.dcm"] = pictures.dicom(wide, 16, syntax=syntax)
    for name in PACKED:
        stored, bits = (grey, 8) if name == "JPEGBaselineProcess1" else (wide, 16)
        found[f"{name}.dcm"] = pictures.repacked(pictures.dicom(stored, bits), name)
    rgb = np.stack([grey, grey // 2, grey // 3], axis=-1)
    found["colour.dcm"] = pictures.dicom(rgb, 8, SOPClassUID=pictures.CAPTURE_CLASS)
    return found


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, data in drawn().items():
        (FOLDER / name).write_bytes(data)


if __name__ == "__main__":
    main()
