"""Whether a data set arrived whole, told in sentences and by the exit status."""

import shutil

import pytest
from pydicom import DataElement

from tests import pictures
from tests.training.audit.conftest import audit
from tests.training.audit.pictures import draw, write
from training.audit.expected import KNOWN, expected_of, shortfalls
from training.datasets.layout import Picture, find_pictures


@pytest.fixture
def folder(tmp_path):
    for path in ("A/Train/1.jpg", "A/Test/2.jpg", "B/Train/3.jpg"):
        write(tmp_path / "data" / path, draw(len(path), (40, 40)))
    return tmp_path / "data"


def checked(folder, capsys) -> tuple[int, str, str]:
    status = audit(folder, folder.with_name("run"), "--check")
    told = capsys.readouterr()
    return status, told.out, told.err


def test_an_unknown_set_without_a_manifest_is_counted(folder, capsys):
    status, out, _ = checked(folder, capsys)
    assert status == 0
    assert "A/Train: 1 pictures" in out
    assert "nobody knows how many" in out
    assert not folder.with_name("run").exists()


def test_a_cut_file_is_named(folder, capsys):
    path = folder / "A" / "Train" / "1.jpg"
    path.write_bytes(path.read_bytes()[:-100])
    status, out, err = checked(folder, capsys)
    assert status == 1
    assert "! A/Train/1.jpg: 1.jpg is cut off" in out
    assert "is not whole: 1 fault" in err


def test_a_dicom_file_with_a_word_for_a_number_is_named_and_the_rest_is_looked_at(folder, capsys):
    odd = DataElement("Rows", "LO", "48")
    (folder / "A" / "Train" / "0.dcm").write_bytes(pictures.dicom(Rows=odd))
    status, out, err = checked(folder, capsys)
    assert status == 1
    assert "! A/Train/0.dcm: 0.dcm can't be read: Rows" in out
    assert "is not whole: 1 fault" in err


def test_what_the_manifest_lists_must_be_there(audited, tmp_path, capsys):
    folder = shutil.copytree(audited[0], tmp_path / "data")
    shutil.copyfile(audited[1] / "manifest.csv", folder / "manifest.csv")
    (folder / "Bend" / "Test" / "cut.jpg").unlink()
    assert checked(folder, capsys)[0] == 0
    (folder / "Break" / "Train" / "3.jpg").unlink()
    write(folder / "Break" / "Train" / "4.jpg", draw(77))
    write(folder / "Break" / "Train" / "strange.jpg", draw(78))
    status, out, _ = checked(folder, capsys)
    assert status == 1
    assert "Break/Train/3.jpg is in manifest.csv and not in the folder" in out
    assert "Break/Train/4.jpg is not the file that manifest.csv lists" in out
    assert "Break/Train/strange.jpg is in the folder and not in manifest.csv" in out


def test_a_known_download_is_held_against_its_own_counts():
    pictures = [
        Picture(f"{label}/{n}", label, "")
        for label in ("Fractured", "Non_fractured")
        for n in range(9)
    ]
    known = expected_of(pictures)
    assert known is not None and known.name == "the download of FracAtlas"
    assert shortfalls(pictures, known)[0] == "fractured holds 9 of 717 pictures."


def test_the_counts_of_the_ten_classes_are_the_uploaders():
    counts = KNOWN[0].counts
    assert sum(counts.values()) == 1129
    assert sum(count for (_, split), count in counts.items() if split == "Test") == 140


def test_the_shipped_set_is_known(data, capsys):
    pictures = find_pictures(data / "bone-break")
    known = expected_of(pictures)
    assert known is not None and known.name.endswith("Bone Break Classification")
    assert len(shortfalls(pictures, known)) == 10  # some of each class of Train are not shipped
