"""How the chance of a fracture depends on how many pictures show one."""

import pytest

from classifier.call import OperatingPoints
from classifier.prior import at_prevalence, same_chance, share_fractured
from classifier.release import default_release_path, load_release
from tests.conftest import REPOSITORY


@pytest.mark.parametrize(
    ("probability", "fitted", "here", "chance"),
    [
        (0.5, 0.5, 0.2, 0.2),  # a picture that says nothing has the chance of its place
        (0.8, 0.5, 0.2, 0.5),  # odds 4 times 1/4
        (0.4, 0.73, 0.17, 0.048075),  # odds 2/3, times (17/83) / (73/27)
        (0.3, 0.17, 0.17, 0.3),
    ],
)
def test_the_odds_are_multiplied_by_the_ratio_of_the_priors(probability, fitted, here, chance):
    assert at_prevalence(probability, fitted=fitted, here=here) == pytest.approx(chance, abs=1e-6)


def test_it_is_what_counting_pictures_gives():
    """Of 730 broken and 270 whole pictures 146 and 54 look alike: 73 %. With 170 and 830 it is 17 %."""
    broken, whole = 146 / 730, 54 / 270
    counted = 170 * broken / (170 * broken + 830 * whole)
    assert at_prevalence(146 / 200, fitted=0.73, here=0.17) == pytest.approx(counted)


def test_points_of_the_same_chance_mean_here_what_the_first_mean_there():
    own = OperatingPoints(0.4, 0.8)
    moved = same_chance(own, fitted=0.73, here=0.17)
    assert own.negative_below < moved.negative_below < moved.positive_from < 1
    for there, point in ((0.4, moved.negative_below), (0.8, moved.positive_from)):
        assert at_prevalence(point, fitted=0.73, here=0.17) == pytest.approx(there)


@pytest.mark.parametrize("probability", [0.0, 5e-324, 1e-300, 1 - 1e-16, 1.0])
@pytest.mark.parametrize(("fitted", "here"), [(0.73, 0.17), (0.001, 0.999), (0.999, 0.001)])
def test_what_is_certain_stays_certain(probability, fitted, here):
    chance = at_prevalence(probability, fitted=fitted, here=here)
    assert 0 <= chance <= 1
    if probability in (0.0, 1.0):
        assert chance == probability
    own = OperatingPoints(probability, 1.0)
    assert same_chance(own, fitted=fitted, here=here).positive_from == 1.0


@pytest.mark.parametrize("share", [0.001, 0.5, 0.999])
def test_where_as_many_are_broken_nothing_moves(share):
    own = OperatingPoints(0.3, 0.7)
    moved = same_chance(own, fitted=share, here=share)
    assert (moved.negative_below, moved.positive_from) == pytest.approx((0.3, 0.7))


def test_the_example_for_clinics_has_the_figures_of_the_shipped_release():
    release = load_release(default_release_path())
    page = (REPOSITORY / "docs" / "operating-points.md").read_text()
    figures = release.manifest["metrics"]["detector"]["fracatlas"]
    found = figures["sensitivity_positive"]["value"]
    false = 1 - figures["specificity_positive"]["value"]
    with_one, without = f"{100 * found:.1f}", f"{100 * false:.1f}"
    called = f"for {with_one} of 100 pictures with a fracture and for {without} of 100 without one"
    assert called in page
    assert f"(release {release.version} on" in page
    own = figures["prevalence"]["own"]
    for prevalence, note in (
        (0.5, ""),
        (own, " (FracAtlas, where it was calibrated)"),
        (0.05, ""),
    ):
        right_calls, false_calls = 100 * found * prevalence, 100 * false * (1 - prevalence)
        right = 100 * share_fractured(found, false, prevalence)
        row = f"| {100 * prevalence:.0f}{note} | {right_calls:.1f} | {false_calls:.1f} | {right:.0f} % |"
        assert row in page, row


def test_where_nothing_is_called_so_no_share_is_told():
    assert share_fractured(0.0, 0.0, 0.17) is None
