"""How fast a worker reads what is queued.

``python -m localservices services --database callus_bench -- python -m bench.serving``

Pictures a second, in one process and one thread, of three that take turns in the same run:

* serving: an inference worker's own loop, with jobs, storage and rows in PostgreSQL;
* bare: a loop that decodes the same originals with pydicom and Pillow and classifies them, eight at once;
* forward: the networks alone.

Fills the database that it is given, and refuses one that holds a case. The last line is JSON.
"""

import argparse
import io
import json
import os
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

import numpy as np  # noqa: E402
from django.core.management import call_command  # noqa: E402
from PIL import Image as Picture  # noqa: E402
from pydicom import dcmread  # noqa: E402

from accounts.roles import Role  # noqa: E402
from bench.films import Film, films  # noqa: E402
from bench.forward import forward_seconds  # noqa: E402
from classifier.classify import Classifier  # noqa: E402
from classifier.radiograph import Radiograph  # noqa: E402

BATCH = 8


def main() -> None:
    options = _options()
    _prepare()
    pictures, classifier = films(), Classifier(threads=1)
    forward = forward_seconds(classifier)
    found: dict[str, Any] = {"forward_ms": round(forward * 1000, 1)}
    for kind in ("dicom", "jpeg", "small"):
        found[kind] = _compared(pictures[kind], classifier, forward, options)
        print(f"{kind}: {json.dumps(found[kind])}", flush=True)
    print(json.dumps(found))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure a worker beside a bare loop.")
    parser.add_argument("--pictures", type=int, default=48, help="of each kind and round")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def _prepare() -> None:
    from tests.factories import usable_release
    from triage.models import Case

    call_command("migrate", database="owner", verbosity=0)
    if Case.objects.exists():
        raise SystemExit("This database holds cases: give an empty one.")
    usable_release()


def _compared(
    film: Film, classifier: Classifier, forward: float, options: argparse.Namespace
) -> dict[str, float]:
    """Each figure is the best round's: other work on the machine can only slow one down."""
    best = {"serving": float("inf"), "bare": float("inf")}
    cpu = dict(best)
    for round_number in range(options.rounds):
        copies = [film.copy(round_number * options.pictures + n) for n in range(options.pictures)]
        _queue(film.name, copies)
        runs: dict[str, Callable[[], object]] = {
            "serving": _serve,
            "bare": lambda copies=copies: _bare(copies, classifier),
        }
        for name, run in runs.items():
            start, used = time.perf_counter(), time.process_time()
            run()
            best[name] = min(best[name], (time.perf_counter() - start) / len(copies))
            cpu[name] = min(cpu[name], (time.process_time() - used) / len(copies))
    return {
        **{f"{name}_ms": round(seconds * 1000, 1) for name, seconds in best.items()},
        **{f"{name}_cpu_ms": round(seconds * 1000, 1) for name, seconds in cpu.items()},
        "against_bare": round(best["bare"] / best["serving"], 2),
        "against_bare_cpu": round(cpu["bare"] / cpu["serving"], 2),
        "against_forward": round(forward / cpu["serving"], 2),
    }


def _queue(name: str, copies: list[bytes]) -> None:
    """Cases as they are when they are received: decoded, with their jobs."""
    from tests.factories import incoming, make_member, make_site
    from triage.intake.details import CaseDetails
    from triage.intake.services import arrive_case
    from triage.intake.worker import decode_until_empty
    from triage.models import Job
    from triage.states import JobState
    from triage.vocabulary import BodyPart, Source

    site = make_site()
    sender = make_member(site, Role.CLINICIAN)
    for data in copies:
        arrive_case(
            sender=sender,
            site=site,
            files=[incoming(name, data)],
            details=CaseDetails(body_part=BodyPart.LEG),
            source=Source.API,
        )
    while decode_until_empty():
        continue
    if Job.objects.filter(state=JobState.QUEUED).count() != len(copies):
        raise SystemExit("Not every picture was decoded: the lines above say why.")


def _serve() -> None:
    from triage.inference.worker.batch import work_until_empty

    while work_until_empty():
        continue


def _bare(copies: list[bytes], classifier: Classifier) -> None:
    for at in range(0, len(copies), BATCH):
        classifier.classify([_plainly(data) for data in copies[at : at + BATCH]])


def _plainly(data: bytes) -> Radiograph:
    if data[128:132] == b"DICM":
        return Radiograph(dcmread(io.BytesIO(data)).pixel_array, 12, "dicom")
    return Radiograph(np.asarray(Picture.open(io.BytesIO(data)).convert("L")), 8, "jpeg")


if __name__ == "__main__":
    main()
