"""What a changed table of waits costs, at many open cases.

``python -m localservices services --database callus_bench -- python -m bench.redating``

Seconds of the request that saves the table, through Django's whole handler; of the pass over the open cases
in the background, and of its slowest chunk, which is how long a reader may wait for a case. Beside them in
the same run what the request did before: every open case summarized in one transaction. The last pass is by
the table that stands, so that it reads everything and writes nothing. Fills the database that it is given,
and refuses one that holds a case.
"""

import argparse
import json
import os
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"  # static files without a manifest

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

CASES = 3000


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure a change of a site's allowed waits.")
    parser.add_argument("--cases", type=int, default=CASES)
    options = parser.parse_args()
    admin, site = _fill(options.cases)
    _save(admin, site, 600)
    _pass()
    request = _save(admin, site, 700)
    chunks, memory = _pass()
    as_before = _seconds(lambda: _as_before(site))
    again = _save(admin, site, 700)
    unchanged, _ = _pass()
    found = {
        "open_cases": options.cases,
        "request_s": round(min(request, again), 3),
        "request_as_before_s": round(as_before, 3),
        "background_s": round(sum(chunks), 3),
        "slowest_chunk_s": round(max(chunks), 3),
        "chunks": len(chunks),
        "peak_memory_mb": round(memory / 1e6, 1),
        "deadlines_moved": _moved(),
        "background_unchanged_s": round(sum(unchanged), 3),
    }
    print(json.dumps(found))


def _seconds(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _save(admin: Client, site: Any, minutes: int) -> float:
    """Seconds of the POST of the waits page."""
    from triage.vocabulary import FractureClass, Priority

    values: dict[str, Any] = {f"priority_{value}": minutes for value in Priority.values}
    for name in FractureClass.values:
        values |= {f"class_{name}": 300, f"from_{name}": 50}
    address = reverse("waits", args=[site.slug])
    # What it does is shown first, untimed: only a table that was shown is saved.
    values["shown"] = admin.post(address, values).context["shown"]
    start = time.perf_counter()
    answer = admin.post(address, values)
    if answer.status_code != 302:
        raise SystemExit(f"The page answered {answer.status_code}.")
    return time.perf_counter() - start


def _pass() -> tuple[list[float], int]:
    """Seconds of each chunk of the unfinished pass, and the most bytes of Python objects at once."""
    from triage.models import Redating
    from triage.worklist.redating import redate_chunk

    redating = Redating.objects.get(finished_at=None)
    tracemalloc.start()
    redate_chunk(redating.pk)  # the first one, measured for memory: tracing makes it slow
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    chunks, goes_on = [], True
    while goes_on:
        start = time.perf_counter()
        goes_on = redate_chunk(redating.pk)
        chunks.append(time.perf_counter() - start)
    return chunks, memory


def _moved() -> list[int]:
    from triage.models import Redating

    return list(Redating.objects.order_by("requested_at").values_list("changed", flat=True))


@transaction.atomic
def _as_before(site: Any) -> None:
    """The method before background passes: the request itself updated all open cases."""
    from triage.models import Case
    from triage.worklist.case_summary import SUMMARY_FIELDS, predictions_of, summarize
    from triage.worklist.deadlines import WaitTable

    table = WaitTable.of(site.pk)
    locked = Case.objects.select_for_update(no_key=True).filter(site=site).open()
    cases = list(locked.order_by("pk"))
    read = predictions_of(cases)
    for case in cases:
        summarize(case, read[case.pk], table)
    Case.objects.bulk_update(cases, SUMMARY_FIELDS, batch_size=500)


def _fill(cases: int) -> tuple[Client, Any]:
    """Cases that the model has read, without files; returns a client of the site's admin, and the site."""
    from accounts.models import Membership
    from accounts.roles import Role
    from tests.factories import make_member, make_prediction, make_release, make_site
    from triage.models import Case, Image
    from triage.states import CaseState
    from triage.vocabulary import BodyPart, Source

    call_command("migrate", database="owner", verbosity=0)
    if Membership.objects.exists():
        raise SystemExit("This database holds people: give an empty one.")
    release, site = make_release(), make_site()
    sender, admin = make_member(site, Role.CLINICIAN), make_member(site, Role.ADMIN)
    now = timezone.now()
    for number in range(cases):
        case = Case.objects.create(
            site=site,
            sender=sender,
            state=CaseState.RECEIVED,
            source=Source.API,
            body_part=BodyPart.WRIST,
            due_at=now,
            priority_due_at=now,
            received_at=now,
        )
        image = Image.objects.create(
            case=case,
            site=site,
            position=1,
            file_name="bench.png",
            kind=Image.FileFormat.PNG,
            byte_size=1,
            sha256=f"{number:064x}",
            width=1,
            height=1,
            bits=8,
        )
        make_prediction(image, release, confidence=0.3 + 0.6 * number / cases)
    client = Client()
    client.force_login(admin)
    return client, site


if __name__ == "__main__":
    main()
