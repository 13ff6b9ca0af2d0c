"""Values that say whether two DICOM files are of one patient and study: one writing each, or nothing."""

import pytest
from pydicom import Dataset

from classifier.dicom_header import Header
from classifier.dicom_identity import digests, read_identity


def identity(**tags: object) -> dict[str, str]:
    header = Dataset()
    for keyword, value in tags.items():
        setattr(header, keyword, value)
    return read_identity(Header(header))


@pytest.mark.filterwarnings("ignore:Invalid value")
@pytest.mark.parametrize(
    ("tag", "one", "other"),
    [
        ("PatientID", "ABC-1", " abc-1\0"),
        ("PatientID", "ABC-1", "ＡＢＣ－１"),
        ("PatientID", "Mu\u0308ller", "Müller"),
        ("PatientID", "A B", "A  B "),
        ("PatientBirthDate", "19610203", "1961.02.03"),
        ("PatientBirthDate", "19610203", "1961-02-03"),
        ("PatientSex", "F", "f "),
        ("PatientSex", "M", "Male"),
        ("PatientAge", "064Y", "64Y"),
        ("PatientAge", "001Y", "012M"),
        ("StudyInstanceUID", "1.2.3", "1.2.3\0"),
        ("AccessionNumber", "A1", "a1 "),
    ],
)
def test_another_writing_is_the_same_value(tag, one, other):
    assert identity(**{tag: one})
    assert identity(**{tag: one}) == identity(**{tag: other})


@pytest.mark.parametrize(
    ("tag", "one", "other"),
    [
        ("PatientID", "00123", "123"),
        ("PatientID", "1.2", "12"),
        ("PatientBirthDate", "19610203", "19610302"),
        ("PatientSex", "F", "O"),
        ("PatientAge", "064Y", "009Y"),
        ("PatientAge", "012W", "012Y"),
        ("StudyInstanceUID", "1.2.3", "1.2.30"),
    ],
)
def test_another_value_is_another(tag, one, other):
    assert identity(**{tag: one})[tag] != identity(**{tag: other})[tag]


@pytest.mark.filterwarnings("ignore:Invalid value")
@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("PatientID", ""),
        ("PatientID", " \0"),
        ("PatientBirthDate", "00000000"),
        ("PatientBirthDate", "99999999"),
        ("PatientBirthDate", "19610000"),  # only the year is known
        ("PatientBirthDate", "19610229"),
        ("PatientBirthDate", "04/02/1961"),
        ("PatientBirthDate", "1961"),
        ("PatientBirthDate", "unknown"),
        ("PatientSex", "U"),
        ("PatientSex", "?"),
        ("PatientAge", "old"),
        ("AccessionNumber", None),
        ("IssuerOfPatientID", "Hospital"),  # of no identifier
    ],
)
def test_what_is_empty_or_malformed_says_nothing(tag, value):
    assert identity(**{tag: value}) == {}


def test_digests_are_equal_under_one_key_only():
    values = {"PatientID": "a", "AccessionNumber": "a"}
    one, two = digests(values, b"1"), digests(values, b"2")
    assert one == digests(values, b"1")
    assert len({*one.values(), *two.values()}) == 4  # nor are two tags of one value alike
