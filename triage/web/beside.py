"""Pictures to be shown beside those of a case: of earlier cases of the same patient."""

from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from triage.http.earlier_cases import earlier_cases
from triage.models import Case, Image
from triage.web.fragments import fragment
from triage.web.image_facts import side_and_projection
from triage.web.of_case import of_visible_case
from triage.web.viewer_facts import viewer_facts

OFFERED = 20  # pictures, the most of one case


@require_safe
@of_visible_case
@fragment
def beside(request: SignedInRequest, case: Case) -> HttpResponse:
    """Asked for by the page when a reader wants a second picture; answers JSON."""
    cases = earlier_cases(case, request.user)
    images: dict[UUID, list[Image]] = {earlier.pk: [] for earlier in cases}
    for image in Image.objects.filter(case__in=cases).order_by("position"):
        images[image.case_id].append(image)
    pictures = [
        _described(earlier, image, several=len(images[earlier.pk]) > 1)
        for earlier in cases
        for image in images[earlier.pk]
    ]
    return JsonResponse({"pictures": pictures[:OFFERED]})


def _described(case: Case, image: Image, *, several: bool) -> dict[str, object]:
    """The facts of a picture with its label, by which a reader chooses it. No patient's data is in it."""
    parts = [
        date_format(localtime(case.received_at), "SHORT_DATE_FORMAT"),
        case.get_body_part_display(),
        side_and_projection(image) or case.get_side_display(),
    ]
    label = ", ".join(filter(None, parts))
    if several:
        label += f" ({image.position})"
    alt = _("Earlier X-ray: %(label)s") % {"label": label}
    return {**viewer_facts(image), "number": 0, "label": label, "alt": alt}
