"""The page of a case shows each picture's own facts, and of the case only what holds for all."""

import re
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from tests.factories import make_case
from triage.models import Image, Series, Study
from triage.web.image_facts import case_side_and_projection, facts_of

pytestmark = pytest.mark.usefixtures("storage")

SHOWN = [
    [
        ("Side", "Right"),
        ("Projection", "PA"),
        ("Taken", "1 Mar 2026"),
        ("Pixel spacing", "0.139 mm, in the patient"),
        ("Study", "XR wrist"),
        ("Device", "Acme, ROOM2"),
        ("Windows", "2048 / 4096; 1500 / 800 (BONE)"),
    ],
    [
        ("Side", "Left (the header says: Right)"),
        ("Taken", "2 Mar 2026"),
        ("Study", "XR wrist"),
        ("Device", "Acme, ROOM2"),
    ],
]


@pytest.fixture
def page(client, people):
    client.force_login(people.reviewer)
    return lambda case: client.get(reverse("case", args=[case.pk]))


def test_each_picture_has_its_side_view_date_and_spacing(site, people, page):
    case = make_case(site, people.clinician, images=2)
    one, two = case.images.all()
    study = Study.objects.create(
        case=case, study_date=date(2026, 3, 1), study_description="XR wrist"
    )
    series = Series.objects.create(
        case=case, study=study, manufacturer="Acme", station_name="ROOM2"
    )
    Image.objects.filter(pk=one.pk).update(
        series=series,
        side="R",
        projection="PA",
        pixel_spacing_row=0.139,
        pixel_spacing_column=0.139,
        pixel_spacing_calibration_type="GEOMETRY",
        window_center=[2048, 1500],
        window_width=[4096, 800],
        window_center_width_explanation=["", "BONE"],
    )
    Image.objects.filter(pk=two.pk).update(
        series=series, side="L", image_laterality="R", acquisition_date=date(2026, 3, 2)
    )
    shown = [panel.facts for panel in page(case).context["panels"]]
    assert shown == SHOWN
    html = page(case).content.decode()
    assert html.count("<dt>Side</dt>") == 2
    assert "<span>Right, PA</span>" in html


def test_a_picture_of_which_nothing_is_known_has_no_list(site, people, page):
    case = make_case(site, people.clinician)
    assert list(facts_of(case.first_image)) == []
    assert "<dt>Side</dt>" not in page(case).content.decode()


def test_a_row_of_the_worklist_names_no_side_that_one_picture_alone_has(site, people, client):
    case = make_case(site, people.clinician, images=2, side="L", from_header=["side"])
    client.force_login(people.reviewer)

    def row() -> str:
        html = client.get(reverse("worklist")).content.decode()
        return html.partition('<span class="where">')[2].partition("</span>")[0].strip()

    assert row() == "Wrist, left"  # a case of before
    for image, side in zip(case.images.all(), "LR", strict=True):
        Image.objects.filter(pk=image.pk).update(side=side)
    assert row() == "Wrist"


@pytest.mark.parametrize(
    ("from_header", "sides", "words"),
    [
        ([], ["L", "R"], "left, AP"),  # the sender said it of all
        (["side", "projection"], ["L", "R"], "AP"),  # only of the picture whose header said it
        (["side"], ["L", "L"], "left, AP"),  # each header said the same
        (["side"], ["L", ""], "AP"),
        (["side"], ["", ""], "left, AP"),  # a case of before: no picture has a side of its own
    ],
)
def test_what_one_header_says_is_not_shown_for_all_pictures(
    from_header, sides, words, site, people
):
    case = make_case(site, people.clinician, side="L", projection="AP", from_header=from_header)
    images = [Image(side=side) for side in sides]
    assert case_side_and_projection(case, images) == words


@pytest.mark.parametrize(
    ("columns", "facts"),
    [
        ({}, []),  # of before: not recorded
        ({"display_by": "values"}, [("Shown by", "values of the picture")]),
        (
            {"display_by": "table", "curves": [{"name": "HARD", "center": None, "width": None}]},
            [("Shown by", "HARD")],
        ),
        (
            {"display_by": "window", "curves": [{"name": "", "center": 0.2, "width": 0.37}]},
            [("Shown by", "0.200 / 0.370")],
        ),
        (
            {"photometric_interpretation": "MONOCHROME2", "presentation_lut_shape": "INVERSE"},
            [("Polarity", "by MONOCHROME2; Presentation LUT Shape INVERSE contradicts it")],
        ),
    ],
)
def test_a_picture_says_by_what_it_is_shown(site, people, columns, facts):
    case = make_case(site, people.clinician)
    Image.objects.filter(pk=case.first_image.pk).update(kind="dicom", **columns)
    assert list(facts_of(Image.objects.get(case=case))) == facts


def test_the_page_says_that_a_window_shows_nothing(site, people, page):
    case = make_case(site, people.clinician)
    warning = "The window in its header would show nothing"
    assert warning not in page(case).content.decode()
    Image.objects.filter(case=case).update(display_by="values_beside_window")
    assert warning in page(case).content.decode()


def test_a_picture_of_oblong_pixels_has_the_shape_of_square_ones(site, people, page):
    case = make_case(site, people.clinician)
    Image.objects.filter(case=case).update(width=100, height=50, pixel_aspect_ratio=2)
    assert re.search(r'width="100" height="100"\s+alt="X-ray', page(case).content.decode())


@pytest.mark.parametrize(
    "columns",
    [
        {"display_by": "window"},  # and no curve
        {"curves": [{"name": "", "center": 1.0, "width": 2.0}]},  # and not shown by it
        {"pixel_aspect_ratio": 0},
    ],
)
def test_no_row_contradicts_itself_on_how_it_is_shown(site, people, columns):
    case = make_case(site, people.clinician)
    with pytest.raises(IntegrityError), transaction.atomic():
        Image.objects.filter(case=case).update(**columns)


@pytest.mark.parametrize(
    ("sides", "marks"),
    [
        ("LR", ["Left", "Right"]),
        ("LB", ["Left", "Both"]),
        ("L ", ["Left", "Side not known"]),
        ("LL", []),
        ("  ", []),
    ],
)
def test_each_picture_bears_its_side_where_they_differ(site, people, page, sides, marks):
    case = make_case(site, people.clinician, images=2)
    for image, side in zip(case.images.all(), sides, strict=True):
        Image.objects.filter(pk=image.pk).update(side=side.strip())
    shown = page(case).content.decode()
    on_pictures = re.findall(r'<p class="side-mark" data-of-image="(\d)"[^>]*>([^<]*)</p>', shown)
    assert on_pictures == [(str(n), mark) for n, mark in enumerate(marks, start=1)]
    below = re.findall(r'<span class="mark">([^<]*)</span>', shown)
    assert [mark for mark in below if mark in {"Left", "Right", "Both", "Side not known"}] == marks
    alts = re.findall(r'data-show="[^>]*data-alt="([^"]*)"', shown)
    assert [alt.split(", ")[3:] for alt in alts] == ([[mark] for mark in marks] or [[], []])
