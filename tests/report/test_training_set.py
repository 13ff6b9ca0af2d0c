"""Signed opinions leave as a data set that training reads, and nothing leads back to a case."""

import csv
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image as Picture

from accounts.models import AuditEntry
from accounts.refusals import Refused
from accounts.roles import Role
from classifier.labels import CLASSES
from classifier.rendition import read_rendition
from tests.factories import make_case, make_membership, make_site
from training.datasets.bones import read_bones
from training.datasets.fracture_types import read_rows
from triage.models import Case
from triage.report.training_set import export_training_set
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign

PLACES = [{"image": number, "x": 0.5, "y": 0.5} for number in (1, 2)]
pytestmark = pytest.mark.usefixtures("storage", "db")


@pytest.fixture
def signed(site, people):
    """A signed case of two pictures, a fracture drawn on both; call it with the opinion."""

    def make(fracture: str, *classes: str, **fields) -> Case:
        case = make_case(site, people.clinician, images=2, patient_reference="Rosa Roe", **fields)
        drawn = tuple(PLACES) if fracture in ("certain", "possible") else ()
        given = GivenOpinion(fracture, classes, places=drawn)
        sign(case=case, reader=people.reviewer, given=given)
        return case

    return make


def export(folder, **options) -> str:
    out = StringIO()
    call_command("export_reviews", folder, stdout=out, **options)
    return out.getvalue()


def test_what_was_signed_is_what_training_reads(signed, tmp_path):
    signed("certain", "spiral")
    signed("certain", "fracture_dislocation", "comminuted")
    signed("none")
    signed("not_assessable")
    said = export(tmp_path / "out")
    assert "6 pictures of 3 opinions" in said
    assert "not assessable: 1" in said
    rows = read_rows(tmp_path / "out" / "bone-break", complete=False)
    assert sorted(CLASSES[row.label] for row in rows if row.usable) == ["spiral", "spiral"]
    sets = read_rows(tmp_path / "out" / "bone-break", label_sets=True, complete=False)
    both = [row for row in sets if row.trainable and row.also]
    assert len(both) == 4  # two pictures, in a folder of each class
    assert not any(row.usable for row in both)
    assert {CLASSES[each] for each in (both[0].label, *both[0].also)} == {
        "comminuted",
        "fracture_dislocation",
    }
    bones = read_bones(tmp_path / "out" / "multi-region")
    assert sorted(row.label for row in bones) == [0, 0, 1, 1, 1, 1]
    assert len({row.group for row in bones}) == 3


@pytest.mark.parametrize(
    ("said", "pictures", "not_assessable"),
    [({"call": "negative"}, {"not-fractured": 2}, 0), ({"assessable": False}, None, 1)],
)
def test_agreement_with_a_prediction_without_a_class_is_what_that_prediction_says(
    site, people, signed, tmp_path, said, pictures, not_assessable
):
    case = make_case(site, people.clinician, images=2, finding=said)
    seen = case.deciding_prediction_id
    sign(case=case, reader=people.reviewer, given=GivenOpinion(agrees=True), prediction_id=seen)
    if pictures is None:
        with pytest.raises(Refused, match="no signed opinion"):
            export_training_set(folder=tmp_path / "out")
        signed("certain", "spiral")
        pictures = {"fractured": 2, "Spiral": 2}
    exported = export_training_set(folder=tmp_path / "whole")
    assert exported.by_class == pictures
    assert exported.not_assessable == not_assessable


def test_nothing_in_it_leads_back_to_a_case(signed, tmp_path):
    case = signed("certain", "spiral")
    export(tmp_path / "out")
    image = case.images.first()
    secret = [str(case.pk), case.pk.hex, str(image.pk), image.sha256, "Rosa", case.accession_number]
    for path in (tmp_path / "out").rglob("*"):
        content = str(path).encode() + (path.read_bytes() if path.is_file() else b"")
        assert not [each for each in secret if each.encode() in content], path
    pictures = [*(tmp_path / "out").rglob("*.png")]
    assert pictures
    for path in pictures:
        with Picture.open(path) as picture:
            assert not picture.info


def test_a_picture_is_the_rendition_to_the_pixel(signed, tmp_path):
    case = signed("certain", "spiral")
    export(tmp_path / "out")
    wanted = []
    for image in case.images.all():
        with image.rendition.open("rb") as file:
            wanted.append(read_rendition(file.read()).tobytes())
    found = (tmp_path / "out" / "bone-break").rglob("*.png")
    assert sorted(np.asarray(Picture.open(path)).tobytes() for path in found) == sorted(wanted)


def test_a_picture_of_oblong_pixels_is_exported_with_square_ones(signed, tmp_path):
    case = signed("certain", "spiral")
    case.images.update(pixel_aspect_ratio=2.0)
    with case.images.first().rendition.open("rb") as file:
        height, width = read_rendition(file.read()).shape
    export(tmp_path / "out")
    for path in (tmp_path / "out" / "bone-break").rglob("*.png"):
        with Picture.open(path) as picture:
            assert picture.size == (width, 2 * height)


def test_each_picture_has_its_own_side_and_view(signed, tmp_path):
    case = signed("certain", "spiral", side="B", projection="SEVERAL")
    for image, described in zip(case.images.all(), (("L", "PA"), ("R", "LL")), strict=True):
        type(image).objects.filter(pk=image.pk).update(side=described[0], projection=described[1])
    export(tmp_path / "out")
    with (tmp_path / "out" / "bone-break" / "manifest.csv").open(newline="") as file:
        described = sorted((row["side"], row["projection"]) for row in csv.DictReader(file))
    assert described == [("L", "PA"), ("R", "LL")]


def test_two_exports_can_not_be_joined(signed, tmp_path):
    signed("certain", "spiral")
    names = []
    for name in ("one", "two"):
        export(tmp_path / name)
        with (tmp_path / name / "bone-break" / "manifest.csv").open(newline="") as file:
            names += [row["path"] for row in csv.DictReader(file)]
    assert len(set(names)) == 4


def test_only_the_standing_opinion_counts(signed, people, tmp_path):
    case = signed("certain", "spiral")
    correct(review=case.reviews.get(), reader=people.reviewer, given=GivenOpinion("none"))
    export(tmp_path / "out")
    assert not (tmp_path / "out" / "bone-break").exists()
    assert {row.label for row in read_bones(tmp_path / "out" / "multi-region", complete=False)} == {
        0
    }


def test_synthetic_cases_other_sites_and_older_days_stay_out(signed, tmp_path):
    signed("certain", "spiral", is_synthetic=True)
    with pytest.raises(Refused, match="no signed opinion"):
        export_training_set(folder=tmp_path / "out")
    signed("certain", "spiral")
    for limits in ({"site": make_site().slug}, {"since": "2999-01-01"}):
        with pytest.raises(CommandError, match="no signed opinion"):
            export(tmp_path / "out", **limits)
    assert list(tmp_path.glob("*out*")) == []


def test_a_folder_that_exists_is_left_alone(signed, tmp_path):
    signed("certain", "spiral")
    (tmp_path / "out").mkdir()
    with pytest.raises(CommandError, match="exists"):
        export(tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_unknown_site_is_named(tmp_path):
    with pytest.raises(CommandError, match="no site nowhere"):
        export(tmp_path / "out", site="nowhere")


def test_each_site_learns_that_its_own_opinions_left(signed, site, other_site, people, tmp_path):
    signed("certain", "spiral")
    signed("certain", "fracture_dislocation", "comminuted")
    case = make_case(other_site, people.clinician, images=3)
    sign(case=case, reader=people.stranger, given=GivenOpinion("none"))
    silent = make_site()
    case = make_case(silent, people.clinician)
    make_membership(people.reviewer, silent, Role.REVIEWER)
    sign(case=case, reader=people.reviewer, given=GivenOpinion("not_assessable"))
    export(tmp_path / "out")
    rows = AuditEntry.objects.filter(verb="reviews.exported")
    assert {row.site: row.detail for row in rows} == {
        site: {"pictures": 4},
        other_site: {"pictures": 3},
    }


def test_an_export_of_one_site_is_recorded_at_that_site_only(signed, site, other_site, tmp_path):
    signed("certain", "spiral")
    export(tmp_path / "out", site=site.slug)
    entry = AuditEntry.objects.get(verb="reviews.exported")
    assert (entry.site, entry.detail) == (site, {"pictures": 2})
