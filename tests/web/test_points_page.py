"""The page of a site's operating points: what they mean, the form, the history."""

import json
import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.refusals import Conflict
from classifier.call import OperatingPoints
from tests.factories import make_case, make_release
from triage.models import Prediction, Release, SitePoints
from triage.points import points_in_force, set_points
from triage.report.call_figures import CallFigures

pytestmark = pytest.mark.usefixtures("storage")

FIGURES = {
    "sensitivity_not_negative": {"value": 0.95},
    "specificity_not_negative": {"value": 0.7},
    "sensitivity_positive": {"value": 0.85},
    "specificity_positive": {"value": 0.95},
    "roc": [[0.0, 0.0], [0.05, 0.85], [0.3, 0.95], [1.0, 1.0]],
    # 100 fractured and 1000 unfractured bones in three fifteenths: from 20 %, from 40 % and from 80 % on.
    "reliability": [
        {"pictures": 610, "confidence": 0.21, "accuracy": 10 / 610},
        {"pictures": 330, "confidence": 0.45, "accuracy": 30 / 330},
        {"pictures": 160, "confidence": 0.85, "accuracy": 60 / 160},
    ],
}


def manifest(*, detector=True):
    rule = {"slope": 1.0, "intercept": 0.0, "negative_below": 0.4, "positive_from": 0.8}
    measured = {"fracture": FIGURES}
    if detector:  # then the head on the types' maps has no figures
        measured = {"fracture": None, "detector": {"fracatlas": FIGURES}}
    return {"call": {"rule": rule}, "metrics": measured}


@pytest.fixture
def release(db):
    return make_release(prevalence=0.73, manifest=manifest())


@pytest.fixture
def admin(people, client):
    client.force_login(people.admin)
    return client


@pytest.fixture
def url(site):
    return reverse("points", args=[site.slug])


def form(release, **changes):
    values = {"negative_below": "25.5", "positive_from": "60", "reason": "We have few fractures"}
    return {"release": release.pk, **values, **changes}


def text(answer):
    return re.sub(r"\s+", " ", unescape(strip_tags(answer.content.decode())))


def table(answer, title, head=""):
    """The rows of the table with this caption, or below this heading, as words."""
    page = unescape(answer.content.decode())
    body = page[page.index(f"<caption>{title}" if title else f"<h2>{head}") :]
    rows = body[: body.index("</table>")].split("<tr>")[2:]
    return [[strip_tags(f"<td{cell}").strip() for cell in row.split("<td")[1:]] for row in rows]


def test_points_are_saved_explained_and_taken_back(release, site, people, admin, url):
    page = text(admin.get(url))
    assert "No fracture seen below 40 %, fracture suspected from 80 %." in page
    assert "The points were never changed." in page

    page = text(admin.post(url, form(release), follow=True))
    assert "Saved. Pictures that are classified from now on are called at these points." in page
    assert "Predictions that were made keep their call." in page
    assert "No fracture seen below 25.5 %, fracture suspected from 60 %." in page
    assert "by Ada Admin" in page
    assert "We have few fractures" in page
    assert points_in_force(release.pk, [site.pk])[site.pk].points == OperatingPoints(0.255, 0.6)

    back = reverse("points_back", args=[site.slug, release.pk, 0])
    page = admin.post(back, {"known_number": "1"}, follow=True)
    assert "No fracture seen below 40 %" in text(page)
    again = reverse("points_back", args=[site.slug, release.pk, 1])
    assert again in page.content.decode()
    admin.post(again, {"known_number": "2"})
    assert points_in_force(release.pk, [site.pk])[site.pk].points == OperatingPoints(0.255, 0.6)
    page = text(admin.get(url))
    assert "Back to the release's own points" in page
    assert page.count("Back to change 1") == 2  # in force, and in the history
    assert SitePoints.objects.count() == 3


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"positive_from": "20"}, "A fracture is suspected from 25.5 % or more"),
        ({"negative_below": "0"}, "greater than or equal to 0.01"),
        ({"positive_from": "100"}, "less than or equal to 99.99"),
        ({"negative_below": "nan"}, "Enter a number."),
        ({"negative_below": "much"}, "Enter a number."),
        ({"reason": " "}, "This field is required."),
        ({"reason": "x" * 201}, "at most 200 characters"),
        ({"reason": "a\0b"}, "Null characters are not allowed."),
    ],
)
def test_what_can_not_be_meant_is_refused_in_words(release, admin, url, changes, words):
    answer = admin.post(url, form(release, **changes))
    assert answer.status_code == 400
    assert words in text(answer)
    assert not SitePoints.objects.exists()


def prefilled(answer):
    """The form as a browser sends it back."""
    page = answer.content.decode()
    names = ("release", "negative_below", "positive_from")
    return {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"|$', page)[1] for name in names}


def with_own(low, high):
    said = manifest()
    said["call"]["rule"] |= {"negative_below": low, "positive_from": high}
    return make_release(prevalence=0.73, manifest=said)


@pytest.mark.parametrize(
    ("low", "high"),
    [(0.02893, 0.390654), (0.4, 0.8), (1 / 3, 2 / 3), (0.12345678901234568, 0.5), (0.0001, 0.9999)],
)
def test_a_form_that_nobody_edited_changes_nothing(db, site, admin, url, low, high):
    release = with_own(low, high)
    sent = prefilled(admin.get(url))
    answer = admin.post(url, sent | {"reason": "I only looked"})
    assert answer.status_code == 409
    assert "These points are in force already." in text(answer)
    assert not SitePoints.objects.exists()

    # Who moves the second point moves that one alone.
    admin.post(url, sent | {"positive_from": "99.5", "reason": "Fewer alarms"})
    points = points_in_force(release.pk, [site.pk])[site.pk].points
    assert points == OperatingPoints(low, 0.995)
    again = admin.post(url, prefilled(admin.get(url)) | {"reason": "Once more"})
    assert again.status_code == 409
    assert SitePoints.objects.count() == 1


@pytest.mark.parametrize("own", [(0.0, 0.5), (0.2, 1.0), (0.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
@pytest.mark.parametrize("prevalence", ["0.1", "17", "73", "99.9"])
def test_a_point_at_an_end_has_a_page_too(db, admin, url, own, prevalence):
    with_own(*own)
    for asked in ({"prevalence": prevalence}, {"prevalence": prevalence, "fill": "1"}):
        answer = admin.get(url, asked)
        assert answer.status_code == 200
    low, high = (float(prefilled(answer)[name]) for name in ("negative_below", "positive_from"))
    assert 0.01 <= low <= high <= 99.99


@pytest.mark.parametrize(
    "figures",
    [
        *(None, 7, "x", [], {}, {"reliability": 7}, {"reliability": [None]}, {"reliability": [{}]}),
        *({"reliability": [{"pictures": "5", "confidence": 0.1, "accuracy": 0.2}]}, {"roc": 7}),
        *({"reliability": [{"pictures": 5, "confidence": -9, "accuracy": 0.2}]}, {"roc": [1]}),
        *({"reliability": [{"pictures": 5, "confidence": 0.1, "accuracy": 1e999}]}, {"roc": "ab"}),
        *({"roc": [[0, 1, 2]]}, {"roc": [[0, "much"]]}, {"roc": [[0, 9]]}, {"roc": None}),
        *({"sensitivity_not_negative": 3}, {"sensitivity_positive": {"value": "much"}}),
        {"sensitivity_positive": {"value": [1]}},
    ],
    ids=str,
)
def test_no_figure_of_a_release_breaks_its_page(db, admin, url, figures):
    said = manifest()
    whole = FIGURES | figures if isinstance(figures, dict) and figures else figures
    said["metrics"]["detector"]["fracatlas"] = whole
    make_release(prevalence=0.73, manifest=json.loads(json.dumps(said).replace("Infinity", "9e99")))
    for asked in ({}, {"prevalence": "17"}):
        answer = admin.get(url, asked)
        assert answer.status_code == 200
        assert "No fracture seen below 40 %" in text(answer)


def test_where_as_many_are_fractured_the_suggestion_is_the_release_s_own(db, admin, url):
    with_own(0.02893, 0.390654)
    sent = prefilled(admin.get(url, {"prevalence": "73", "fill": "1"}))
    assert (sent["negative_below"], sent["positive_from"]) == ("2.893", "39.0654")


def test_points_are_of_the_release_that_the_page_showed(release, admin, url):
    make_release(manifest=manifest())
    answer = admin.post(url, form(release))
    assert answer.status_code == 409
    assert "Another release is in use since you opened this page." in text(answer)
    assert not SitePoints.objects.exists()


def test_another_release_starts_with_its_own(release, site, people, admin, url):
    admin.post(url, form(release))
    other = make_release(manifest=manifest())
    answer = admin.get(url)
    assert f"No fracture seen below 40 %, fracture suspected from 80 %. Those of {other}." in (
        text(answer)
    )
    assert f"change 1 for {release}" in text(answer)
    assert "Put back" not in text(answer)  # its points are probabilities of another calibration


def test_a_change_that_the_site_never_made_can_not_be_put_back(release, site, admin):
    for number in (1, 2**70):
        answer = admin.post(reverse("points_back", args=[site.slug, release.pk, number]))
        assert answer.status_code == 404


def test_the_page_says_how_many_bones_get_which_call(release, admin, url):
    admin.post(url, form(release, negative_below="23.333333", positive_from="80"))
    answer = admin.get(url)
    assert table(answer, "The release's own points") == [
        ["No fracture seen", "5", "70", "16"],
        ["In doubt", "10", "25", "52"],
        ["Fracture suspected", "85", "5", "98"],
    ]
    # Half of the way through the bin of 20 % to 26.7 %, and the edge at 80 %, which was measured.
    assert [row[:3] for row in table(answer, "The points of this site")] == [
        ["No fracture seen", "5", "30"],
        ["In doubt", "35", "60"],
        ["Fracture suspected", "60", "10"],
    ]
    listed = table(answer, "", "What other points would do")
    assert len(listed) == 14
    assert listed[2] == ["20 %", "100", "0"]
    assert listed[3] == ["26.7 %", "90", "60"]
    assert listed[11] == ["80 %", "60", "90"]


def test_how_many_are_fractured_is_asked_and_computed(release, admin, url):
    page = text(admin.get(url, {"prevalence": "17"}))
    assert "a picture at the release's first point has a chance of 4.8 %" in page
    assert "and one at its second point 23.3 %" in page
    assert "set the second point to 98.1 %. Leave the first one" in page
    assert "The last column holds where 17 in 100 pictures show a fracture." in page
    filled = admin.get(url, {"prevalence": "17", "fill": "1"}).content.decode()
    assert 'value="40"' in filled
    assert 'value="98.14"' in filled
    # Where more are fractured both points move down: fewer fractures are called "No fracture seen".
    assert "set the points to 16.7 % and 54.6 %" in text(admin.get(url, {"prevalence": "90"}))


@pytest.mark.parametrize("prevalence", ["0", "100", "many", "nan", "inf", ""])
def test_a_share_that_can_not_be_is_refused_in_words(release, admin, url, prevalence):
    answer = admin.get(url, {"prevalence": prevalence})
    assert answer.status_code == 200
    assert 'class="errorlist"' in answer.content.decode()


def test_a_release_without_a_curve_shows_what_it_has(people, admin, url):
    release = make_release(manifest=manifest(detector=False))
    page = text(admin.get(url))
    assert "About how many in 100" not in page  # it doesn't say where it was calibrated
    admin.post(url, form(release))
    assert "The release has no figures at these points." in text(admin.get(url))


def test_where_the_call_is_not_used_the_page_says_so(admin, url):
    make_release(usable=False, manifest=manifest())
    assert "readers see no difference" in text(admin.get(url))


@pytest.mark.parametrize("which", ["none", "of format 1"])
def test_where_no_model_is_in_use_there_is_nothing_to_set(admin, url, which):
    """A row of a release of format 1 may still be active: no worker can load it."""
    if which == "of format 1":
        make_release(manifest={})
    answer = admin.get(url)
    assert "No model is in use, so there is nothing to set" in text(answer)
    assert 'name="negative_below"' not in answer.content.decode()


def test_no_points_are_set_for_a_release_of_format_1(site, people, admin, url):
    """Neither by a form that was open before, nor by putting something back."""
    release = make_release(manifest={"call": None})
    SitePoints.objects.create(
        site=site,
        release=release,
        number=1,
        negative_below=0.2,
        positive_from=0.6,
        reason="x",
        set_by=people.admin,
    )
    answer = admin.post(url, form(release))
    assert answer.status_code == 409
    for number in (0, 1):
        back = reverse("points_back", args=[site.slug, release.pk, number])
        assert "Another release is in use" in text(admin.post(back, follow=True))
    for points in (None, OperatingPoints(0.3, 0.6)):
        with pytest.raises(Conflict, match="Another release is in use"):
            set_points(site=site, release=release, points=points, reason="x", actor=people.admin)
    assert SitePoints.objects.count() == 1
    assert "Put back" not in text(admin.get(url))


@pytest.mark.parametrize("usable", [True, False])
def test_a_case_says_that_its_call_was_made_at_the_site_s_own_points(site, people, client, usable):
    release = make_release(usable=usable, manifest=manifest())
    points = OperatingPoints(0.25, 0.6)
    row = set_points(site=site, release=release, points=points, reason="Few", actor=people.admin)
    at = {"negative_below": 0.25, "positive_from": 0.6}
    own = make_case(site, people.clinician, finding={**at, "site_points": row})
    plain = make_case(site, people.clinician, finding=at)
    client.force_login(people.clinician)
    pages = {}
    for case in (own, plain):
        prediction = Prediction.objects.get(image__case=case)
        answer = client.get(reverse("api_prediction", args=[prediction.pk]))
        said = answer.json()["operating_points"]
        assert said == ({**at, "set_by_site": case is own} if usable else None)
        pages[case.pk] = text(client.get(reverse("case", args=[case.pk])))
    words = "Called with this site's own points: no fracture seen below 25 %"
    assert (words in pages[own.pk]) == usable
    assert words not in pages[plain.pk]


def test_the_release_s_own_figures_are_used_for_points_between_the_measured_edges():
    """A bin is wide where most pictures have a low chance: its middle says little of the point in it."""
    said = manifest()
    said["call"]["rule"] = {"negative_below": 0.43, "positive_from": 0.85}
    said["metrics"]["detector"]["fracatlas"] = FIGURES | {
        "sensitivity_not_negative": {"value": 0.88},
        "specificity_not_negative": {"value": 0.62},
        "sensitivity_positive": {"value": 0.4},
        "specificity_positive": {"value": 0.93},
    }
    figures = CallFigures.of(Release(manifest=said))
    negative, doubt, positive = figures.calls(OperatingPoints(0.43, 0.9), None)
    assert (1 - negative.of_fractured, negative.of_not_fractured) == pytest.approx((0.88, 0.62))
    assert (
        min(
            doubt.of_fractured,
            doubt.of_not_fractured,
            positive.of_fractured,
            positive.of_not_fractured,
        )
        >= 0
    )
    assert figures.calls(figures.own, None)[2].of_fractured == pytest.approx(0.4)


@pytest.mark.parametrize("metrics", [None, {"fracture": FIGURES, "detector": None}])
def test_bins_of_the_likelier_state_are_no_thresholds(metrics):
    said = manifest() | {"metrics": metrics}
    assert CallFigures.of(Release(manifest=said)).thresholds == []


def hidden(answer, name):
    page = answer.content.decode()
    return re.findall(rf'name="{name}" value="([^"]*)"', page.split('id="form"')[1])[0]


def test_a_first_point_above_the_one_in_force_is_asked_for_once_more(release, site, admin, url):
    raised = form(release, negative_below="60", positive_from="80", known_number="0")
    answer = admin.post(url, raised)
    assert answer.status_code == 409
    assert "would rise from 40 % to 60 %" in text(answer)
    # See FIGURES: 40 of the 100 fractures lie below the bin of 80 %, and 5 below the release's own 40 %.
    assert re.search(r"that would be 40 % of the fractures; now it is 5 %", text(answer))
    assert not SitePoints.objects.exists()
    confirmed = {**raised, "confirmed": hidden(answer, "confirmed")}
    # What was confirmed is that point and no other.
    assert admin.post(url, {**confirmed, "negative_below": "70"}).status_code == 409
    assert admin.post(url, confirmed).status_code == 302
    assert points_in_force(release.pk, [site.pk])[site.pk].points == OperatingPoints(0.6, 0.8)


def test_putting_back_a_higher_first_point_is_asked_for_too(release, site, people, admin, url):
    for low in (0.6, 0.3):
        points = OperatingPoints(low, 0.8)
        set_points(site=site, release=release, points=points, reason="Try", actor=people.admin)
    back = reverse("points_back", args=[site.slug, release.pk, 1])
    answer = admin.post(back, {"known_number": "2"})
    assert answer.status_code == 409
    assert "would rise from 30 % to 60 %" in text(answer)
    assert SitePoints.objects.count() == 2
    assert admin.post(back, {"known_number": "2", "confirmed": "0.6"}).status_code == 302
    assert points_in_force(release.pk, [site.pk])[site.pk].points == OperatingPoints(0.6, 0.8)


def test_a_form_from_before_another_change_is_refused_with_what_is_in_force(
    release, site, people, admin, url
):
    stale = form(release, known_number=hidden(admin.get(url), "known_number"))
    points = OperatingPoints(0.123, 0.7)
    set_points(site=site, release=release, points=points, reason="Other tab", actor=people.admin)
    answer = admin.post(url, stale)
    assert answer.status_code == 409
    said = "changed the points since you opened this page: 12.3 % and 70 % are in force now."
    assert said in text(answer)
    assert SitePoints.objects.count() == 1
    back = reverse("points_back", args=[site.slug, release.pk, 0])
    # A form that doesn't say which row it knows, like one of an older version, counts as stale too.
    for known in ({"known_number": "0"}, {}):
        assert "since you opened this page" in text(admin.post(back, known, follow=True))
    assert admin.post(url, form(release)).status_code == 409
    assert SitePoints.objects.count() == 1
    # The page that refused shows the points in force, and its form is of them.
    assert (
        admin.post(url, {**stale, "known_number": hidden(answer, "known_number")}).status_code
        == 409
    )  # raised
    lower = {"negative_below": "10", "known_number": hidden(answer, "known_number")}
    assert admin.post(url, {**stale, **lower}).status_code == 302


@pytest.mark.parametrize("known", ["1", "7"])
def test_a_form_that_names_a_change_which_the_site_never_made_raises_nothing(
    release, site, admin, url, known
):
    """A form of the release before, say, whose first change was number 1."""
    for more in ({}, {"confirmed": "0.6"}):
        raised = form(release, negative_below="60", positive_from="80", known_number=known, **more)
        answer = admin.post(url, raised)
        assert answer.status_code == 409
        assert "The site has no points of its own for this release" in text(answer)
    back = reverse("points_back", args=[site.slug, release.pk, 0])
    assert "has no points of its own" in text(
        admin.post(back, {"known_number": known}, follow=True)
    )
    assert not SitePoints.objects.exists()


@pytest.mark.parametrize("wrong", ["01931c5e-7a52-7c1e-9a50-0f6f2b6f3a10", "nonsense", ""])
def test_a_form_of_a_release_that_is_not_here_gets_a_message(release, admin, url, wrong):
    answer = admin.post(url, {**form(release), "release": wrong})
    assert answer.status_code == 400
    assert "This form is of a release that isn't here. Open the page again." in text(answer)
    assert not SitePoints.objects.exists()


def test_a_decimal_comma_is_answered_with_how_to_write_it(release, admin, url):
    answer = admin.post(url, form(release, negative_below="2,5"))
    assert "Decimals follow a point: 2.5." in text(answer)
