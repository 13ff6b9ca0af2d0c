"""The same cases with two outputs of the model: who sees none of it can't know which is which."""

import re
from collections.abc import Iterator
from datetime import timedelta

from django.test import Client
from django.urls import URLPattern, reverse

from tests.factories import places
from triage.api.urls import urlpatterns
from triage.disclosure import class_and_confidence
from triage.models import Case, Prediction
from triage.report.ready_lists import READY_LISTS
from triage.worklist.query import WorklistQuery

# What the model says of each picture of the case with this number, in two worlds.
WORLDS = {
    "alarming": [
        {
            **places("positive"),
            "predicted_class": "spiral",
            "confidence": 0.91,
            "fracture_probability": 0.97,
        },
        {
            **places("doubt"),
            "predicted_class": "greenstick",
            "confidence": 0.33,
            "fracture_probability": 0.41,
        },
        {
            **places("positive"),
            "predicted_class": "avulsion",
            "confidence": 0.52,
            "fracture_probability": 0.8,
        },
    ],
    "calm": [
        {
            **places("negative"),
            "predicted_class": "hairline",
            "confidence": 0.2,
            "fracture_probability": 0.02,
        },
        {
            **places("negative"),
            "predicted_class": "oblique",
            "confidence": 0.7,
            "fracture_probability": 0.11,
        },
        {
            **places("positive"),
            "predicted_class": "impacted",
            "confidence": 0.9,
            "fracture_probability": 0.99,
        },
    ],
}


def let_the_model_say(world: str, cases: list[Case]) -> None:
    """As if the model had said this of the cases; open ones are due in another order in each world."""
    for number, case in enumerate(cases):
        said = WORLDS[world][number % 3]
        Prediction.objects.filter(image__case=case).update(**said)
        case.refresh_from_db()
        prediction = Prediction.objects.select_related("release").get(
            pk=case.deciding_prediction_id
        )
        fracture_class, confidence = class_and_confidence(prediction)
        hours = number if world == "alarming" else len(cases) - number
        Case.objects.filter(pk=case.pk).update(
            call=prediction.effective_call,
            predicted_class=fracture_class,
            confidence=confidence,
            due_at=case.received_at + timedelta(hours=hours),
        )


VIEWS = [
    *("", "sort=deadline&order=desc", "sort=waiting", "sort=waiting&order=desc"),
    *(
        "sort=priority",
        "sort=priority&order=desc",
        "priority=stat",
        "priority=routine&sort=priority",
    ),
    *("mine=1", "from=2020-01-01", "to=2090-01-01", "state=predicted", "state=reviewed"),
]
VIEWS += [ready.view.params() for ready in READY_LISTS if ready.params and not ready.is_by_model()]
BY_MODEL = [
    *(
        "sort=state",
        "sort=class",
        "sort=confidence",
        "sort=class&order=desc",
        "finding=positive",
        "class=spiral",
    ),
    *("confidence_min=0.5", "confidence_max=0.5", "state=reviewed&finding=positive"),
    "state=reviewed&class=spiral",
]


# Keys of what follows from a signature, or of no case: test_two_stacks asks for these.
ELSEWHERE = {"call_back_id", "result_id", "macro_id", "slug"}


def addresses(case: Case) -> Iterator[str]:
    """Every page and every resource that shows this case, or lists it."""
    image, prediction = case.images.first(), Prediction.objects.filter(image__case=case).first()
    keys = {"case_id": case.pk, "image_id": image.pk, "prediction_id": prediction.pk}
    for pattern in urlpatterns:
        view = getattr(getattr(pattern, "callback", None), "view_class", None)
        if not isinstance(pattern, URLPattern) or not pattern.name or not hasattr(view, "get"):
            continue
        wanted = pattern.pattern.converters
        if pattern.name in {"api_schema", "api_docs", "api_models"} or ELSEWHERE & {*wanted}:
            continue
        assert set(wanted) <= set(keys), f"{pattern.name}: say here which {set(wanted)} to walk"
        yield reverse(pattern.name, kwargs={name: keys[name] for name in wanted})
    for name in ("case", "case_model_output"):
        yield reverse(name, args=[case.pk])
        for picture in case.images.all():
            yield f"{reverse(name, args=[case.pk])}?image={picture.position}"
    for which in ("display", "thumbnail", "rendition", "original"):
        yield reverse("image", args=[image.pk, which])
    for which in ("top", "rival", "fracture"):
        yield reverse("activation_map", args=[prediction.pk, which])
    for view in VIEWS:
        for name in ("worklist", "worklist_live", "api_worklist"):
            yield f"{reverse(name)}?{view}"


def answers(client: Client, reader: object, cases: list[Case]) -> dict[str, tuple[int, str, str]]:
    """Address → status, ETag of what never changes, and the answer without what differs by the moment."""
    found = {}
    walked = [cases[0], cases[1], cases[-1]]  # two open ones and the closed one
    for address in sorted({address for case in walked for address in addresses(case)}):
        found[address] = _answer_of(client.get(address))
    for case in walked:
        found[f"find {case.pk}"] = _answer_of(
            client.post(reverse("worklist_find"), {"text": case.accession_number})
        )
        found[f"find over REST {case.pk}"] = _answer_of(
            client.post(reverse("api_find"), {"text": case.accession_number}, "application/json")
        )
    for sort in ("deadline", "priority", "waiting"):
        page = WorklistQuery(sort=sort).page(reader, 2)
        found[f"cursor {sort}"] = (
            200,
            "",
            f"{[case.pk for case in page.cases]} {page.next_cursor}",
        )
    return found


def _answer_of(response) -> tuple[int, str, str]:
    body = b"".join(response) if response.streaming else response.content
    text = re.sub(
        r"csrfmiddlewaretoken\" value=\"\w+|data-now=\"[^\"]*|\b[0-9a-f]{32}\b|\d+ (?:h|min|d)\b",
        "",
        body.decode(errors="replace"),
    )
    # A list's ETag changes with every write at its sites, whatever was written.
    etag = response.headers.get("ETag", "")
    etag = "" if etag.startswith("W/") else etag
    return response.status_code, etag, re.sub(r"data-etag=\"[^\"]*\"", "", text)
