"""The decode parent has loaded all that a child may need: a child can't open a file any more."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydicom import uid

from classifier import dicom
from tests import pictures
from tests.classifier import samples
from tests.conftest import REPOSITORY

# Decodes each file twice as a child does, and says which modules and files that took.
DECODE = """
import json, os, sys
from pathlib import Path
from classifier.warm_up import warm_up
from classifier import decode_child
warm_up()
OPTIONS = {"network_input": [{"stored_size": 2, "low": 0.5, "high": 99.5}]}
known, opened = set(sys.modules), []
sys.addaudithook(lambda event, args: event == "open" and opened.append(str(args[0])))
wrong = {}
for path in map(Path, sys.argv[1:]):
    with path.open("rb") as file, open(os.memfd_create("job"), "w+b") as job, \\
            open(os.memfd_create("answer"), "w+b") as answer:
        del opened[:]
        limits = {"max_bytes": 1 << 26, "max_pixels": 1 << 26}
        asked = {"name": path.name, "key": "00", "options": OPTIONS, **limits}
        job.write(json.dumps(asked).encode()); job.flush()
        decode_child.decode(file.fileno(), job.fileno(), answer.fileno())
    if opened or set(sys.modules) - known:
        wrong[str(path)] = [*opened, *(set(sys.modules) - known)]
        known = set(sys.modules)
print(json.dumps(wrong))
"""


def needed(paths: list[Path]) -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", DECODE, *map(str, paths)],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
        text=True,
    )
    return json.loads(done.stdout)


def test_what_is_drawn_is_what_lies_there():
    assert set(samples.drawn()) == {path.name for path in samples.FOLDER.iterdir()}


def test_every_transfer_syntax_has_a_sample():
    names = {f"{syntax.keyword}.dcm" for syntax in samples.PLAIN} | {
        f"{n}.dcm" for n in samples.PACKED
    }
    assert names <= {path.name for path in samples.FOLDER.iterdir()}
    assert {*samples.PLAIN, *samples.PACKED.values()} == dicom._SYNTAXES


def other_pictures(folder: Path) -> list[Path]:
    """Alike in kind, not in detail, to the samples: texts of all character sets, odd headers, bad files."""
    wide = pictures.pixels(bits=12)
    found = {
        "window.dcm": pictures.dicom(wide, WindowCenter="2000", WindowWidth="900"),
        "signed.dcm": pictures.dicom(wide.astype("i2"), 12, PixelRepresentation=1),
        "mono1.dcm": pictures.dicom(wide, PhotometricInterpretation="MONOCHROME1"),
        "slope.dcm": pictures.dicom(wide, RescaleSlope="0.5", RescaleIntercept="-7.5"),
        "age.dcm": pictures.dicom(wide, PatientAge="010M", StudyDate="20260230", PatientSex="?"),
        "cut.dcm": pictures.dicom(wide)[:-100],
        "cut.jpg": pictures.jpeg()[:-50],
        "bomb.png": pictures.bomb_png(),
        "pages.tif": pictures.tiff(pages=2),
        "text.txt": b"no picture",
    }
    for number, charset in enumerate(("ISO_IR 100", "ISO_IR 144", "GB18030", "ISO_IR 192")):
        found[f"{number}.dcm"] = pictures.dicom(
            wide, SpecificCharacterSet=charset, BodyPartExamined="HAND"
        )
    found["ir87.dcm"] = pictures.dicom(wide, SpecificCharacterSet=["", "ISO 2022 IR 87"])
    nonsense = pictures.dicom(wide, SpecificCharacterSet="ISO_IR 192")
    found["nonsense.dcm"] = nonsense.replace(b"ISO_IR 192", b"nonsense  ")
    for name, data in found.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in found]


def test_no_picture_needs_what_is_not_loaded(tmp_path):
    assert needed(sorted(samples.FOLDER.iterdir()) + other_pictures(tmp_path)) == {}


def test_no_picture_of_the_field_needs_what_is_not_loaded(data):
    folders = (data / "dicom", data / "field")
    kinds = {".dcm", ".jpg", ".png", ".tif"}
    found = [path for folder in folders for path in folder.rglob("*") if path.suffix in kinds]
    if not found:
        pytest.skip(f"No pictures of the field in {data}.")
    assert needed(found) == {}


def test_a_picture_of_our_own_that_cannot_be_read_stops_the_parent(tmp_path, monkeypatch):
    from classifier import warm_up
    from classifier.refused_file import RefusedFile

    (tmp_path / "a.dcm").write_bytes(pictures.dicom(syntax=uid.ExplicitVRLittleEndian)[:-9])
    monkeypatch.setattr(warm_up, "SAMPLES", tmp_path)
    with pytest.raises(RefusedFile):
        warm_up.warm_up()
