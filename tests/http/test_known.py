"""Files and parts of pages that a client has already are not sent again, on pages and in REST alike."""

import pytest
from django.urls import reverse

from tests.factories import make_case
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def addresses(site, people):
    """Name of a file or part → its address."""
    case = make_case(site, people.clinician, CaseState.PREDICTED)
    image = case.first_image.pk
    prediction = case.deciding_prediction_id
    return {
        "page thumbnail": reverse("image", args=[image, "thumbnail"]),
        "page original": reverse("image", args=[image, "original"]),
        "REST display": reverse("api_image_display", args=[image]),
        "REST original": reverse("api_image_original", args=[image]),
        "map": reverse("activation_map", args=[prediction, "top"]),
        "rows": reverse("worklist_live"),
    }


@pytest.mark.parametrize(
    ("name", "keep"),
    [
        ("page thumbnail", "private, no-cache"),
        ("page original", "private, no-store"),
        ("REST display", "private, no-cache"),
        ("REST original", "private, no-store"),
        ("map", "private, no-cache"),
        ("rows", "private, no-cache"),
    ],
)
def test_what_is_known_is_not_sent_again(client, people, addresses, name, keep):
    client.force_login(people.reviewer)
    first = client.get(addresses[name])
    body = b"".join(first)
    assert (first.status_code, first["Cache-Control"]) == (200, keep)
    assert body
    again = client.get(addresses[name], headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (again["ETag"], again["Cache-Control"]) == (first["ETag"], keep)


@pytest.mark.parametrize("name", ["page original", "REST original"])
def test_an_original_is_saved_under_its_own_name(client, people, addresses, name):
    client.force_login(people.reviewer)
    answer = client.get(addresses[name])
    b"".join(answer)
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert answer["X-Content-Type-Options"] == "nosniff"
