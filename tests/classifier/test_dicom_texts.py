"""Each text of a header that is kept is a code, or one that never names the patient."""

from dataclasses import fields

import pytest

from classifier.facts import InstanceFacts, SeriesFacts, StudyFacts
from tests.classifier.test_dicom_facts import facts

# A code or a number that a sender gives, not a text that somebody types about the patient.
CODES = {"accession_number", "modality", "photometric_interpretation", "patient_orientation"}
TEXTS = [
    (group, field.name)
    for group, kind in (("study", StudyFacts), ("series", SeriesFacts), ("instance", InstanceFacts))
    for field in fields(kind)
    if field.type is str
]


@pytest.mark.parametrize(("group", "name"), TEXTS)
def test_each_text_is_a_code_or_never_names_the_patient(group, name):
    keyword = "".join(part.capitalize() for part in name.split("_"))
    for short in ("Uid", "Sop", "Voi", "Lut"):
        keyword = keyword.replace(short, short.upper())
    found = facts(PatientName="Nobody^X", **{keyword: "NOBODY"})
    assert (getattr(getattr(found, group), name) == "") == (name not in CODES)
