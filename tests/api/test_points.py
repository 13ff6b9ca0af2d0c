"""A site's operating points over REST are those of its page."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from tests.factories import make_release
from tests.web.test_points_page import manifest
from triage.models import IdempotencyKey, SitePoints

pytestmark = pytest.mark.usefixtures("storage")
WHY = "We have few fractures"


@pytest.fixture
def release(db):
    return make_release(prevalence=0.73, manifest=manifest())  # its own points: 0.4 and 0.8


@pytest.fixture
def client(people, signed_in):
    return signed_in(people.admin)


def read(client, site, **asked):
    return client.get(reverse("api_points", args=[site.slug]), asked)


def put(client, site, release, low=0.255, high=0.6, **more):
    body = {
        "release": str(release.pk),
        "known_number": SitePoints.objects.count(),
        "negative_below": low,
        "positive_from": high,
        "reason": WHY,
        **more,
    }
    address = reverse("api_points", args=[site.slug])
    return client.put(address, body, content_type="application/json")


def back(client, site, release, number, **more):
    body = {"release": str(release.pk), "known_number": SitePoints.objects.count()}
    address = reverse("api_points_back", args=[site.slug])
    headers = {"Idempotency-Key": more.pop("key")} if "key" in more else {}
    body |= {"number": number, **more}
    return client.post(address, body, content_type="application/json", headers=headers)


def code(answer):
    return answer.json()["error"]["code"]


def in_force(answer):
    (now,) = [each for each in answer.json()["sets"] if each["is_in_force"]]
    return now["of"], now["negative_below"], now["positive_from"]


def test_points_are_read_set_and_taken_back(release, site, people, client):
    first = read(client, site).json()
    assert (first["release"]["id"], first["known_number"]) == (str(release.pk), 0)
    assert in_force(read(client, site)) == ("release", 0.4, 0.8)
    assert in_force(put(client, site, release)) == ("site", 0.255, 0.6)
    row = SitePoints.objects.get()
    assert (row.negative_below, row.reason, row.set_by) == (0.255, WHY, people.admin)
    assert AuditEntry.objects.get(site=site).verb == "points.changed"
    assert in_force(back(client, site, release, 0)) == ("release", 0.4, 0.8)
    again = back(client, site, release, 1)
    assert in_force(again) == ("site", 0.255, 0.6)
    assert again.json()["known_number"] == 3
    assert code(back(client, site, release, 1)) == "points_unchanged"
    assert back(client, site, release, 9).status_code == 404


def test_what_the_calls_mean_is_the_page_s(release, site, people, client):
    answer = read(client, site, prevalence="0.3")
    own, suggested = answer.json()["sets"]
    assert (own["of"], suggested["of"]) == ("release", "suggested")
    client.logout()
    client.force_login(people.admin)
    page = client.get(reverse("points", args=[site.slug]), {"prevalence": "30"}).context
    (_title, points, calls), (_, other, _) = page["tables"]
    assert own["negative_below"] == points.negative_below
    assert suggested["negative_below"] == other.negative_below
    assert [call["call"] for call in own["calls"]] == ["negative", "doubt", "positive"]
    for shown, called in zip(own["calls"], calls, strict=True):
        assert shown["of_fractured"] == called.of_fractured
        assert shown["fractured"] == called.fractured


@pytest.mark.parametrize("prevalence", ["0", "1", "nan", "inf", "x", "", "30"])
def test_a_share_that_can_not_be_is_refused(release, site, client, prevalence):
    answer = read(client, site, prevalence=prevalence)
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["prevalence"])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"low": 0}, "negative_below"),
        ({"high": 1}, "positive_from"),
        ({"low": "nan"}, "negative_below"),
        ({"low": 0.7, "high": 0.6}, "positive_from"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"known_number": 2**40}, "known_number"),
        ({"accept": True}, "accept"),
    ],
    ids=str,
)
def test_what_can_not_be_meant_is_refused(release, site, client, changes, field):
    answer = put(client, site, release, **changes)
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field])
    assert not SitePoints.objects.exists()


def test_a_first_point_that_rises_has_to_be_meant(release, site, client):
    answer = put(client, site, release, 0.5, 0.8)
    assert (answer.status_code, code(answer)) == (409, "more_missed")
    message = answer.json()["error"]["message"]
    assert "from 0.4 to 0.5" in message and "instead of 5 %" in message
    assert not SitePoints.objects.exists()
    accepted = put(client, site, release, 0.5, 0.8, accept_more_missed=True)
    assert in_force(accepted) == ("site", 0.5, 0.8)
    put(client, site, release, 0.3, 0.8)
    assert code(back(client, site, release, 1)) == "more_missed"
    assert back(client, site, release, 1, accept_more_missed=True).status_code == 200


def test_who_read_before_another_changed_them_is_told(release, site, client):
    put(client, site, release)
    answer = put(client, site, release, 0.2, 0.6, known_number=0)
    assert (answer.status_code, code(answer)) == (409, "points_changed")
    assert code(back(client, site, release, 0, known_number=0)) == "points_changed"


@pytest.mark.parametrize("known", [1, 7])
@pytest.mark.parametrize("accepted", [False, True])
def test_a_number_that_no_change_has_raises_nothing(release, site, client, known, accepted):
    """Not the number of the site's change for the release before, either."""
    put(client, site, release)
    newer = make_release(prevalence=0.73, manifest=manifest())
    more = {"known_number": known, "accept_more_missed": accepted}
    for low in (0.6, 0.3):
        answer = put(client, site, newer, low, 0.8, **more)
        assert (answer.status_code, code(answer)) == (409, "points_changed")
    answer = put(client, site, newer, 0.6, 0.8, known_number=0)
    assert code(answer) == "more_missed"
    assert SitePoints.objects.count() == 1
    put(client, site, newer, 0.6, 0.8, known_number=0, accept_more_missed=True)
    put(client, site, newer, 0.3, 0.8, known_number=1)
    answer = back(client, site, newer, 1, **{**more, "known_number": known + 2})
    assert code(answer) == "points_changed"
    assert in_force(read(client, site)) == ("site", 0.3, 0.8)


def test_the_release_s_own_points_count_again_unasked(release, site, client):
    put(client, site, release, 0.3, 0.8)
    assert in_force(back(client, site, release, 0)) == ("release", 0.4, 0.8)


def test_points_are_of_the_active_release(release, site, people, client):
    release.is_active = False
    release.save()
    assert read(client, site).json() == {"release": None, "known_number": 0, "sets": []}
    assert code(put(client, site, release)) == "release_not_active"
    release.pk = people.admin.pk  # an id of no release
    assert code(put(client, site, release)) == "release_not_active"


def test_putting_back_takes_a_key(release, site, client):
    put(client, site, release)
    first, second = (back(client, site, release, 0, key="one", known_number=1) for _ in range(2))
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert (SitePoints.objects.count(), IdempotencyKey.objects.count()) == (2, 1)


def test_the_changes_are_read_page_by_page(release, site, client, monkeypatch):
    monkeypatch.setattr("triage.api.points.PAGE", 2)
    put(client, site, release)
    back(client, site, release, 0)
    back(client, site, release, 1)
    page = client.get(reverse("api_points_changes", args=[site.slug])).json()
    assert [row["number"] for row in page["results"]] == [3, 2]
    assert [row["why"] for row in page["results"]] == [
        *("Back to change 1", "Back to the release's own points")
    ]
    assert page["results"][1]["negative_below"] is None
    last = client.get(page["next"]).json()
    assert [row["why"] for row in last["results"]] == [WHY] and last["next"] is None


@pytest.mark.parametrize("more", [0, 4])
def test_they_cost_as_much_with_a_long_history(
    release, site, client, django_assert_max_num_queries, more
):
    for number in range(more):
        put(client, site, release, 0.3 - number / 100, 0.6)
    for name in ("api_points", "api_points_changes"):
        with django_assert_max_num_queries(6):
            client.get(reverse(name, args=[site.slug]))
