"""Where a release counted its call at many points, the page shows what was counted."""

import pytest
from django.utils.html import escape

from classifier.call import OperatingPoints
from tests.factories import make_release
from tests.web.test_points_page import (  # noqa: F401
    FIGURES,
    admin,
    form,
    manifest,
    release,
    table,
    text,
    url,
)
from triage.models import Release
from triage.report.call_figures import CallFigures

pytestmark = pytest.mark.usefixtures("storage")

# So many of 400 fractured and 1,000 unfractured bones have at least this chance.
COUNTED = {
    0.0: (400, 1000),
    0.005: (399, 881),
    0.01: (397, 764),
    0.1: (320, 160),
    0.4: (280, 70),
    0.8: (200, 10),
    1.0: (0, 0),
}
THRESHOLDS = [
    {"at": at, "sensitivity": fractured / 400, "specificity": 1 - not_fractured / 1000}
    for at, (fractured, not_fractured) in COUNTED.items()
]
INTERPOLATED = "At points between those they are interpolated"


def counted(thresholds=THRESHOLDS):
    said = manifest()
    said["metrics"]["detector"]["fracatlas"] = FIGURES | {"thresholds": thresholds}
    return said


@pytest.mark.parametrize("ends", [True, False])
def test_the_counted_figures_are_those_of_the_page(admin, url, ends):  # noqa: F811
    """The release's own figures are of each fold's own points, 95 and 70: those of the table count."""
    rows = THRESHOLDS if ends else THRESHOLDS[1:-1]
    used = make_release(prevalence=0.25, manifest=counted(rows))
    admin.post(url, form(used, negative_below="1", positive_from="10"))
    answer = admin.get(url)
    assert [row[:3] for row in table(answer, "The release's own points")] == [
        ["No fracture seen", "30", "93"],
        ["In doubt", "20", "6"],
        ["Fracture suspected", "50", "1"],
    ]
    assert [row[:3] for row in table(answer, "The points of this site")] == [
        ["No fracture seen", "< 1", "24"],
        ["In doubt", "19", "60"],
        ["Fracture suspected", "80", "16"],
    ]
    assert table(answer, "", "What other points would do") == [
        ["0.5 %", "> 99", "12"],
        ["1 %", "> 99", "24"],
        ["10 %", "80", "84"],
        ["40 %", "70", "93"],
        ["80 %", "50", "99"],
    ]
    assert INTERPOLATED not in text(answer)


def test_every_counted_point_has_the_figures_that_were_counted():
    figures = CallFigures.of(Release(manifest=counted()))
    for at, (broken, whole) in COUNTED.items():
        measured = figures.at(at)
        assert (measured.sensitivity, measured.specificity) == (broken / 400, 1 - whole / 1000)
    negative, doubt, positive = figures.calls(OperatingPoints(0.005, 0.01), None)
    assert negative.of_fractured == pytest.approx(1 / 400)
    assert doubt.of_not_fractured == pytest.approx(117 / 1000)
    assert positive.of_fractured == pytest.approx(397 / 400)


def test_between_two_counted_points_only_these_two_count():
    figures = CallFigures.of(Release(manifest=counted()))
    half = figures.at(0.0075)
    assert half.sensitivity == pytest.approx((399 + 397) / 800)
    assert half.specificity == pytest.approx(1 - (881 + 764) / 2000)


def test_a_release_that_counted_few_points_says_that_it_interpolates(release, admin, url):  # noqa: F811
    assert escape(INTERPOLATED) in text(admin.get(url))


@pytest.mark.parametrize(
    "thresholds",
    [
        None,
        [],
        7,
        {"at": 0.1},
        ["0.1"],
        [{"at": 0.1, "sensitivity": 0.9}],
        [{"at": 0.1, "sensitivity": "much", "specificity": 0.1}],
        [{"at": 0.1, "sensitivity": 10**400, "specificity": 0.1}],
        [{"at": 0.1, "sensitivity": float("nan"), "specificity": 0.1}],
        [{"at": 0.1, "sensitivity": 1.2, "specificity": 0.1}],
        THRESHOLDS[::-1],
        [*THRESHOLDS, THRESHOLDS[-1]],
    ],
    ids=str,
)
def test_what_is_no_table_of_thresholds_is_not_read(thresholds):
    figures = CallFigures.of(Release(manifest=counted(thresholds)))
    assert not figures.is_counted
    assert len(figures.table_rows()) == 14
