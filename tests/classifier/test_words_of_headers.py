"""What devices and people write for sex, side, projection and part, and letters in no declared set."""

import pytest
from pydicom import Dataset

from classifier.dicom_header import Header
from classifier.dicom_tags import read_tags, sex_of
from classifier.header_terms import body_part_of, projection_of
from tests import pictures
from tests.classifier.test_radiograph import read


def tags(**values):
    header = Dataset()
    for keyword, value in values.items():
        setattr(header, keyword, value)
    return read_tags(Header(header))


@pytest.mark.filterwarnings("ignore:Invalid value")
@pytest.mark.parametrize(
    ("side", "words"),
    [
        ("L", ["L", "l", "LEFT", "Left", "LT", "Links", "gauche"]),
        ("R", ["R", "RIGHT", "RT", "re", "Rechts", "derecha"]),
        ("B", ["B", "BOTH", "BILATERAL"]),
        ("U", ["U", "UNPAIRED"]),
        ("", ["", "N", "L WRIST", "LEFT RIGHT"]),
    ],
)
def test_a_side_is_read_as_devices_write_it(side, words):
    assert {tags(ImageLaterality=word)["side"] for word in words} == {side}


@pytest.mark.parametrize(
    ("sex", "words"),
    [
        ("F", ["F", "f", "Female", "WEIBLICH", "Frau", "femme", "Mujer", "Ж", "女"]),
        ("M", ["M", "male", "männlich", "MANN", "H", "Homme", "М", "男"]),
        ("O", ["O", "OTHER", "divers"]),
        ("", ["", "U", "1", "2", "D", "X", "FM", "unknown"]),
    ],
)
def test_a_sex_is_read_as_devices_write_it(sex, words):
    assert {sex_of(word) for word in words} == {sex}


@pytest.mark.parametrize(
    ("projection", "words"),
    [
        (
            "frontal",
            ["A.P.", "d.p.", "Postero-anterior", "ANTERO-POSTERIOR", "DORSO-PALMAR", "Face"],
        ),
        ("lateral", ["Seitl.", "LATERO-MEDIAL", "profil", "LEFT LATERAL", "XTABLE LATERAL"]),
        ("oblique", ["Schräg", "OBLIQ", "AP OBLIQUE", "postero-anterior oblique"]),
        ("axial", ["AXIALE", "TANG"]),
        ("", ["AP/PA", "AP LATERAL", "SCAPHOID", "STRESS", "正位"]),
    ],
)
def test_a_projection_is_read_as_devices_write_it(projection, words):
    assert {projection_of(word) for word in words} == {projection}


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("wrist", ["Handgelenk rechts", "poignet", "MUÑECA", "polso"]),
        ("knee", ["KNIE", "genou", "rodilla", "ginocchio"]),
        ("hip", ["Hüfte", "HUEFTE", "hanche"]),
        ("foot", ["Fuß", "FUSS", "pied"]),
        ("hand", ["main", "mano"]),
        ("", ["main tumour", "Bauch", "胸部"]),
    ],
)
def test_a_part_is_read_in_other_languages(part, words):
    assert {body_part_of(word) for word in words} == {part}


def test_a_header_without_view_position_is_asked_for_its_view_code():
    view = Dataset()
    view.CodeMeaning = "lateral"
    assert tags(ViewCodeSequence=[view])["projection"] == "LATERAL"
    assert tags(ViewCodeSequence=[view], ViewPosition="AP")["projection"] == "AP"


@pytest.mark.filterwarnings("ignore:Invalid value")
@pytest.mark.parametrize(
    ("stored", "said"),
    [("Ä-16", "Ä-16"), ("放射-16", "放射-16"), ("КИС-16", "КИС-16")],
)
def test_letters_in_utf_8_that_no_header_declares_are_read(stored, said):
    """pydicom gives the bytes of an undeclared set as Latin-1."""
    assert tags(AccessionNumber=stored.encode().decode("latin-1"))["accession_number"] == said
    assert tags(AccessionNumber=stored)["accession_number"] == said


# Keyword → the word in the header, and the tag that is made of it.
PADDED_WORDS = {
    "AccessionNumber": ("FIELD-15X", "accession_number", "FIELD-15X"),
    "BodyPartExamined": ("KNEE", "body_part", "KNEE"),
    "Laterality": ("L", "side", "L"),
    "PatientAge": ("045Y", "patient_age", 45),
    "PatientSex": ("F", "sex", "F"),
    "ViewPosition": ("AP", "projection", "AP"),
}


@pytest.mark.filterwarnings("ignore:Invalid value")
@pytest.mark.parametrize("padding", ["\0", "\0\0", " \0"])
def test_zeros_behind_a_word_change_nothing(padding):
    words = {keyword: word + padding for keyword, (word, _tag, _said) in PADDED_WORDS.items()}
    found = read(
        pictures.dicom(
            Modality=f"CR{padding}", PhotometricInterpretation=f"MONOCHROME2{padding}", **words
        )
    )
    assert found.modality == "CR"
    for _word, tag, said in PADDED_WORDS.values():
        assert found.tags[tag] == said


@pytest.mark.filterwarnings("ignore:The value length")
def test_a_number_that_is_too_long_is_none():
    """Its first part may be another order's."""
    assert tags(AccessionNumber="7" * 64)["accession_number"] == "7" * 64
    assert tags(AccessionNumber="7" * 65)["accession_number"] == ""
    film = read(pictures.dicom(AccessionNumber="7" * 65))
    assert film.facts.study.accession_number == film.tags["accession_number"] == ""
