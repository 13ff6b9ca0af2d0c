"""Two stacks of data that differ in the model's output of blind cases alone: equal ids, clock and chance.

A stack is built in a savepoint and thrown away. What it answers is compared byte by byte with the other's.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any

from django.contrib import admin
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEntry
from tests.api import test_who_may
from tests.architecture import test_access
from tests.disclosure.still import Still
from tests.disclosure.worlds import BY_MODEL, VIEWS
from tests.factories import (
    make_call_back,
    make_case,
    make_critical_result,
    make_prediction,
    places,
)
from triage.inference.case_update import update_cases
from triage.models import Case, Image, Job, Macro, Prediction, Review
from triage.states import CaseState, JobState
from triage.vocabulary import Priority

# What the model says of the pictures of blind cases, one after another, in two worlds.
SAYS: dict[str, list[dict[str, Any]]] = {
    "alarming": [
        {**places("positive"), "top": "fracture_dislocation", "confidence": 0.91},
        {**places("positive"), "top": "spiral", "confidence": 0.6},
        {**places("doubt"), "top": "greenstick", "confidence": 0.33, "fracture_probability": 0.4},
    ],
    "calm": [
        {**places("negative"), "top": "hairline", "confidence": 0.2, "fracture_probability": 0.02},
        {"assessable": False, "reason": "no_bone", "fracture_probability": None},
        {**places("negative"), "top": "oblique", "confidence": 0.7, "fracture_probability": 0.11},
    ],
}


@dataclass
class Cases:
    """Blind cases in every state that a sealed one may have, and others beside them."""

    one: Case
    two: Case
    in_part: Case
    failed: Case
    opened: Case
    withdrawn: Case
    others: list[Case] = field(default_factory=list)

    @property
    def blind(self) -> list[Case]:
        return [self.one, self.two, self.in_part, self.failed, self.opened, self.withdrawn]


def make_cases(site: Any, people: Any) -> Cases:
    def received(images: int = 1, **fields: Any) -> Case:
        return make_case(
            site, people.clinician, CaseState.RECEIVED, images=images, is_blind=True, **fields
        )

    cases = Cases(
        one=received(),
        two=received(2, priority=Priority.STAT),
        in_part=received(2),
        failed=received(2, priority=Priority.URGENT),
        opened=received(),
        withdrawn=received(),
    )
    cases.others = [
        make_case(site, people.clinician, top="spiral", confidence=0.8),
        make_case(site, people.clinician2, finding={"call": "negative"}),
        make_case(site, people.clinician, CaseState.REVIEWED),
    ]
    make_call_back(cases.others[-1])
    make_critical_result(cases.others[-1])
    Macro.objects.create(reader=people.reviewer, shortcut="/old", text="Old.")
    return cases


def let_the_model_say(world: str, cases: Cases, prepare: Callable[[], None]) -> None:
    """The worker's results, picture by picture; then ``prepare`` does what people did after."""
    said = itertools.cycle(SAYS[world])
    for case in cases.blind:
        images = list(Image.objects.filter(case=case).order_by("position"))
        for image in images[:1] if case in (cases.in_part, cases.failed) else images:
            release = Job.objects.filter(image=image).get().release
            Job.objects.filter(image=image).delete()
            make_prediction(image, release, **next(said))
            update_cases([case.pk])
    waiting = Job.objects.filter(image__case=cases.failed, state=JobState.QUEUED)
    waiting.update(state=JobState.FAILED, attempts_left=0, error="unreadable")
    update_cases([cases.failed.pk])
    prepare()


@contextmanager
def stack(still: Still, world: str, cases: Cases, prepare: Callable[[], None]) -> Iterator[None]:
    with transaction.atomic():
        still.begin_again()
        let_the_model_say(world, cases, prepare)
        yield
        transaction.set_rollback(True)


def without_a_token(detail: str) -> str:
    """Without the first letters of a token that was drawn for this answer."""
    return re.sub(r"(?<='token_key': ')[0-9a-f]+", "drawn", detail)


Answers = dict[str, tuple[Any, ...]]


def answer(still: Still, ask: Callable[[], Any]) -> tuple[Any, ...]:
    """Status, headers, bytes, the number of queries, and the events. What it changed is undone."""
    still.chance.seed(1)  # an answer that differs must not change the next one
    outer = transaction.atomic()
    # As the test's own transaction: the count of wrong passwords refuses to lie within any other.
    outer._from_testcase = True
    with outer:
        newest = set(AuditEntry.objects.values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as queries:
            response = ask()
            body = b"".join(response) if response.streaming else response.content
        events = [
            (entry.verb, entry.subject_id, without_a_token(repr(entry.detail)))
            for entry in AuditEntry.objects.exclude(pk__in=newest).order_by("pk")
        ]
        transaction.set_rollback(True)
    body = still.without_chance(body)
    headers = sorted(response.headers.items())
    cookies = re.sub(r"expires=[^;]+", "", response.cookies.output())
    return response.status_code, headers, cookies, body, len(queries), events


def asked(
    still: Still, client: Client, site: Any, people: Any, cases: Cases, *, rest: bool
) -> Answers:
    """Every row of the two tables of addresses, about a blind case each, and every list."""
    found: Answers = {}
    for case in (cases.one, cases.opened, cases.withdrawn):
        for name, ask in (
            _rest(client, site, case, cases) if rest else _pages(client, site, people, case, cases)
        ):
            found[f"{name} {cases.blind.index(case)}"] = answer(still, ask)
    for case in (cases.two, cases.in_part, cases.failed):
        for address in _of_pictures(case, rest=rest):
            found[address] = answer(still, lambda address=address: client.get(address))
    for view in VIEWS + BY_MODEL:
        for name in ("api_worklist",) if rest else ("worklist", "worklist_live"):
            address = f"{reverse(name)}?{view}"
            found[address] = answer(still, lambda address=address: client.get(address))
    return found


def _pages(
    client: Client, site: Any, people: Any, case: Case, cases: Cases
) -> Iterator[tuple[str, Callable[[], Any]]]:
    for number, (method, name, about, body, _expected) in enumerate(test_access.TABLE):
        url = _of_either(
            lambda of, name=name, about=about: test_access.address(
                name, about, SimpleNamespace(site=site, case=of, people=people)
            ),
            case,
            cases.others[-1],
        )
        call = client.get if method == "GET" else client.post
        if body and body.get("review") == "of the case":
            body = {**body, "review": _signed_on(cases.others[-1])}
        yield (
            f"{number} {method} {name} {about}",
            lambda call=call, url=url, body=body: call(url, body),
        )


def _signed_on(case: Case) -> str:
    """What a body names that is about a signed opinion."""
    return str(Review.objects.get(case=case).pk)


def _rest(
    client: Client, site: Any, case: Case, cases: Cases
) -> Iterator[tuple[str, Callable[[], Any]]]:
    for number, (method, name, body, _expected) in enumerate(test_who_may.TABLE):
        url = _of_either(partial(test_who_may.address, name), case, cases.others[-1])
        extra = {} if body is None else {"data": body, "content_type": "application/json"}
        if body in ("review", "closing"):
            extra["data"] = {"review": _signed_on(cases.others[-1]), "outcome": "informed"}
        if body == "case":
            extra = {"data": {"site": site.slug, "body_part": "WRIST"}}  # no picture: a refusal
        call = getattr(client, method.lower())
        yield (
            f"{number} {method} {name}",
            lambda call=call, url=url, extra=extra: call(url, **extra),
        )


def _of_either(address: Callable[[Case], str], case: Case, closed: Case) -> str:
    """About the closed case where the blind one has no such thing: a review, what follows from one."""
    try:
        return address(case)
    except ObjectDoesNotExist:
        return address(closed)


def _of_pictures(case: Case, *, rest: bool) -> Iterator[str]:
    images = list(Image.objects.filter(case=case))
    predictions = list(Prediction.objects.filter(image__case=case))
    if rest:
        yield reverse("api_case", args=[case.pk])
        yield reverse("api_case_reviews", args=[case.pk])
        yield from (reverse("api_image", args=[image.pk]) for image in images)
        yield from (reverse("api_prediction", args=[found.pk]) for found in predictions)
        return
    for name in ("case", "case_model_output"):
        yield from (f"{reverse(name, args=[case.pk])}?image={image.position}" for image in images)
    for which in ("display", "thumbnail", "rendition", "original"):
        yield from (reverse("image", args=[image.pk, which]) for image in images)
    for which in ("top", "rival", "fracture"):
        yield from (reverse("activation_map", args=[found.pk, which]) for found in predictions)


def admin_pages() -> list[str]:
    """All but the trail's, which shows numbers of a sequence that no stack gives back: see ``events_of``."""
    shown = [model._meta for model in admin.site._registry if model is not AuditEntry]
    names = (f"admin:{meta.app_label}_{meta.model_name}" for meta in shown)
    return [reverse(f"{name}_changelist") for name in names]


def events_of(cases: Cases) -> list[tuple[str, str, str]]:
    """The audit trail of the cases, which the outbox sends out."""
    keys = {str(case.pk) for case in cases.blind}
    rows = AuditEntry.objects.filter(subject_id__in=keys).order_by("pk")
    return [(entry.verb, entry.subject_id, repr(entry.detail)) for entry in rows]
