"""A site's own operating points: who sets them, what the worker does with them, what the rows keep."""

import io
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from accounts.models import AuditEntry
from accounts.refusals import Conflict, NotPermitted, Refused
from accounts.roles import Role
from classifier.call import OperatingPoints
from classifier.release import default_release_path, load_release
from demo.drawings import draw
from tests.factories import (
    make_case,
    make_member,
    make_prediction,
    make_release,
    make_site,
    usable_release,
)
from triage.inference.queue import claim_jobs
from triage.inference.worker.batch import work_until_empty
from triage.inference.worker.classification import classify_jobs
from triage.inference.worker.loading import classifier_for
from triage.models import Image, Job, Prediction, SitePoints
from triage.points import points_in_force, put_back, set_points
from triage.states import CaseState, JobState

pytestmark = pytest.mark.usefixtures("storage")
LOW, HIGH = OperatingPoints(1e-6, 2e-6), OperatingPoints(0.999998, 0.999999)


@pytest.fixture
def release(db):
    return make_release()


def drawn() -> bytes:
    """A drawn radiograph of a lower leg, as the PNG that a worker reads."""
    buffer = io.BytesIO()
    draw("oblique", 1, side="L", body_part="LEG").save(buffer, "PNG")
    return buffer.getvalue()


def change(site, release, people, points, reason="More broken bones here", actor=None):
    return set_points(
        site=site,
        release=release,
        points=points,
        reason=reason,
        actor=actor or people.admin,
    )


def test_the_newest_row_counts_and_every_row_stays(site, other_site, release, people):
    first, second = OperatingPoints(0.2, 0.6), OperatingPoints(0.3, 0.3)
    change(site, release, people, first)
    row = change(site, release, people, second, reason=" Too many doubts ")
    assert (row.number, row.reason, row.set_by) == (2, "Too many doubts", people.admin)
    assert points_in_force(release.pk, [site.pk, other_site.pk]) == {site.pk: row}
    assert points_in_force(make_release().pk, [site.pk]) == {}

    entry = AuditEntry.objects.filter(verb="points.changed").last()
    assert (entry.site, entry.actor, entry.subject_id) == (site, people.admin, str(row.pk))
    assert entry.detail == {
        "release": str(release.pk),
        "number": 2,
        "before": {"points": {"negative_below": 0.2, "positive_from": 0.6}},
        "after": {"points": {"negative_below": 0.3, "positive_from": 0.3}},
    }


def test_everything_can_be_taken_back(site, release, people):
    change(site, release, people, OperatingPoints(0.2, 0.6))
    put_back(site=site, release=release, number=0, actor=people.admin)
    assert points_in_force(release.pk, [site.pk]) == {}
    assert AuditEntry.objects.filter(verb="points.changed").last().detail["after"] == {
        "points": None
    }
    again = put_back(site=site, release=release, number=1, actor=people.admin)
    assert again.points == OperatingPoints(0.2, 0.6)
    rows = SitePoints.objects.order_by("number")
    assert [row.number for row in rows] == [1, 2, 3]
    # No sentence is kept: it would be in the language of whoever clicked, for ever.
    assert [(row.reason, row.put_back) for row in rows] == [
        ("More broken bones here", None),
        ("", 0),
        ("", 1),
    ]
    assert [row.why for row in rows] == [
        "More broken bones here",
        "Back to the release's own points",
        "Back to change 1",
    ]


@pytest.mark.parametrize("why", [{"reason": ""}, {"reason": "Few", "put_back": 1}])
def test_a_change_says_why_in_one_way(site, release, people, why):
    row = {"site": site, "release": release, "number": 1, "set_by": people.admin}
    with pytest.raises(IntegrityError, match="site_points_say_why"), transaction.atomic():
        SitePoints.objects.create(**row, **why)


def test_what_can_not_be_meant_is_refused_in_words(site, release, people):
    with pytest.raises(Refused, match="between 0 % and 100 %"):
        change(site, release, people, OperatingPoints(0.0, 0.5))
    with pytest.raises(Refused, match="between 0 % and 100 %"):
        change(site, release, people, OperatingPoints(0.5, 1.0))
    with pytest.raises(Refused, match="Say why"):
        change(site, release, people, OperatingPoints(0.2, 0.6), reason="  ")
    with pytest.raises(Refused, match="at most 200"):
        change(site, release, people, OperatingPoints(0.2, 0.6), reason="x" * 201)
    with pytest.raises(Conflict, match="in force already"):
        change(site, release, people, None)
    former, _now = release, make_release()
    with pytest.raises(Conflict, match="Another release is in use"):
        change(site, former, people, OperatingPoints(0.2, 0.6))
    assert not SitePoints.objects.exists()


def test_only_an_admin_of_the_site_sets_them(site, release, people):
    for actor in (people.clinician, people.reviewer, people.stranger, people.staff, people.service):
        with pytest.raises(NotPermitted):
            change(site, release, people, OperatingPoints(0.2, 0.6), actor=actor)
        with pytest.raises(NotPermitted):
            put_back(site=site, release=release, number=0, actor=actor)
    assert not SitePoints.objects.exists()


@pytest.mark.parametrize(
    ("points", "rule"),
    [
        ((0.6, 0.2), "site_points_are_in_order"),
        ((0.0, 0.5), "site_points_are_in_order"),
        ((0.5, 1.0), "site_points_are_in_order"),
        ((0.5, None), "site_points_are_in_order"),
        ((None, 0.5), "site_points_are_in_order"),
        ((float("nan"), 0.5), "site_points_are_in_order"),
        ((0.2, 0.6), "site_points_number_is_one_per_release"),
    ],
)
def test_the_database_keeps_no_points_that_can_not_be_meant(site, release, people, points, rule):
    change(site, release, people, OperatingPoints(0.3, 0.4))
    number = 1 if rule.startswith("site_points_number") else 2
    low, high = points
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        SitePoints.objects.create(
            site=site,
            release=release,
            number=number,
            negative_below=low,
            positive_from=high,
            reason="x",
            set_by=people.admin,
        )


@pytest.mark.parametrize(
    ("call", "probability", "holds"),
    [
        ("negative", 0.29, True),
        ("negative", 0.3, False),
        ("doubt", 0.3, True),
        ("doubt", 0.59, True),
        ("doubt", 0.6, False),
        ("positive", 0.6, True),
        ("positive", 0.59, False),
        ("positive", None, False),
        ("", 0.9, True),
    ],
)
def test_no_call_contradicts_the_points_that_it_was_made_at(site, people, call, probability, holds):
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    Job.objects.all().delete()
    said = {"call": call, "fracture_probability": probability}

    def stored():
        release = make_release(active=False)
        return make_prediction(
            case.first_image, release, **said, negative_below=0.3, positive_from=0.6
        )

    if holds:
        assert stored().call == call
    else:
        with (
            pytest.raises(IntegrityError, match="prediction_call_follows_its_points"),
            transaction.atomic(),
        ):
            stored()


@pytest.mark.parametrize(
    "points",
    [(0.9, 0.1), (-3.0, 7.0), (0.2, 1.1), (-0.1, 0.5), (float("nan"), 0.5), (0.2, float("nan"))],
)
def test_no_prediction_keeps_points_that_no_page_can_show(site, people, release, points):
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    Job.objects.all().delete()
    low, high = points
    with (
        pytest.raises(IntegrityError, match="prediction_points_are_in_order"),
        transaction.atomic(),
    ):
        make_prediction(case.first_image, release, call="", negative_below=low, positive_from=high)


def test_a_site_s_points_stand_beside_the_numbers_that_were_used(site, people, release):
    row = change(site, release, people, OperatingPoints(0.2, 0.6))
    case = make_case(site, people.clinician, CaseState.RECEIVED)
    Job.objects.all().delete()
    with (
        pytest.raises(IntegrityError, match="prediction_has_both_points_or_none"),
        transaction.atomic(),
    ):
        make_prediction(case.first_image, release, site_points=row)


def test_the_worker_calls_each_picture_at_its_own_site_s_points(site, other_site, people):
    """Three sites in one batch, one drawn radiograph: positive, negative, and the release's own call."""
    release, third = usable_release(), make_site()
    change(site, release, people, LOW)
    change(other_site, release, people, HIGH, actor=people.stranger)
    sender = make_member(third, Role.CLINICIAN)
    cases = {
        place.pk: make_case(place, person, CaseState.RECEIVED)
        for place, person in (
            (site, people.clinician),
            (other_site, people.stranger),
            (third, sender),
        )
    }
    for case in cases.values():
        Path(default_storage.path(case.first_image.rendition.name)).write_bytes(drawn())
    width, height = draw("oblique", 1, side="L", body_part="LEG").size
    Image.objects.update(
        width=width, height=height
    )  # a worker reads no more pixels than the row says
    assert work_until_empty() == 3
    assert not Job.objects.exclude(state=JobState.DONE).exists()
    stored = {place: Prediction.objects.get(image__case=case) for place, case in cases.items()}
    own = points_in_force(release.pk, cases)
    assert [stored[place.pk].site_points for place in (site, other_site, third)] == [
        own[site.pk],
        own[other_site.pk],
        None,
    ]
    rule_entry = load_release(default_release_path()).manifest["call"]["rule"]
    rule = OperatingPoints(rule_entry["negative_below"], rule_entry["positive_from"])
    for place, points in ((site, LOW), (other_site, HIGH), (third, rule)):
        made = stored[place.pk]
        assert (made.negative_below, made.positive_from) == (
            points.negative_below,
            points.positive_from,
        )
    assert stored[site.pk].call == "positive"
    assert stored[other_site.pk].call == "negative"


def test_points_that_change_count_for_what_is_read_afterwards(site, people):
    release = usable_release()
    first, second = (make_case(site, people.clinician, CaseState.RECEIVED) for _ in range(2))
    Job.objects.filter(image__case=second).update(state=JobState.DONE)
    work_until_empty()
    before = list(Prediction.objects.values())
    row = change(site, release, people, LOW)
    Job.objects.filter(image__case=second).update(state=JobState.QUEUED)
    work_until_empty()
    assert list(Prediction.objects.filter(image__case=first).values()) == before
    assert Prediction.objects.get(image__case=second).site_points == row


def test_a_batch_asks_for_its_points_once(site, people, django_assert_num_queries):
    release = usable_release()
    change(site, release, people, LOW)
    for _ in range(4):
        make_case(site, people.clinician, CaseState.RECEIVED)
    jobs = claim_jobs()
    assert len(jobs) == 4
    classifier = classifier_for(release)
    with django_assert_num_queries(1):
        outcomes = classify_jobs(jobs, classifier)
    assert {outcome.finding.points for outcome in outcomes} == {LOW}
