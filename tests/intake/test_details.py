"""What a header's words fill in at intake: by the tables that a release is asked by."""

import pytest

from classifier.body_part_terms import BODY_PARTS
from classifier.header_terms import _PROJECTION_TERMS, body_part_of, projection_of
from triage.intake.details import CaseDetails
from triage.vocabulary import BodyPart, Projection

WRITTEN = [*_PROJECTION_TERMS, "A/P", "P-A", "p.a.", "lat", "Oblique ", "frontal"]


def filled(**tags: str) -> CaseDetails:
    return CaseDetails().filled_from([tags])


@pytest.mark.parametrize("word", WRITTEN)
def test_intake_takes_a_view_for_what_the_release_takes_it(word):
    found = filled(projection=word).projection
    assert found in Projection.values
    assert projection_of(found) == projection_of(word) != ""


@pytest.mark.parametrize(
    ("word", "view"),
    [
        *(
            ("AP", "AP"),
            ("A/P", "AP"),
            ("FRONTAL", "AP"),
            ("PA", "PA"),
            ("P-A", "PA"),
            ("pa", "PA"),
        ),
        *(("ML", "LL"), ("RL", "LL"), ("LAO", "OBL"), ("SKYLINE", "AXIAL"), ("OTHER", "OTHER")),
        *(("SEVERAL", "SEVERAL"), ("Swimmer", ""), ("", ""), ("PAIN", "")),
    ],
)
def test_a_projection_is_stored_as_the_site_s_code(word, view):
    assert filled(projection=word).projection == view


@pytest.mark.parametrize("part", BODY_PARTS)
def test_intake_takes_a_part_for_what_the_release_takes_it(part):
    found = filled(body_part=part.upper()).body_part
    assert found == (part.upper() if part.upper() in BodyPart.values else "")
    assert body_part_of(found) in (part, "")
