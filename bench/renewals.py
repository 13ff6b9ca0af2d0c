"""What it costs the database to renew a claim, which each open case page does once a minute.

``python -m localservices services --database callus_bench -- python -m bench.renewals``

Bytes of the write-ahead log and milliseconds for a renewal. Beside it in the same run, a
write of one indexed column of the case, which is what a renewal used to be.
Fills the database that it is given, and refuses one that holds a case.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402

from accounts.roles import Role  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what the renewal of a claim writes.")
    parser.add_argument("--renewals", type=int, default=500)
    options = parser.parse_args()
    renew, write_case = _acts()
    renewal = _cost(renew, options.renewals)
    case = _cost(write_case, options.renewals)
    found = {
        "renewals": options.renewals,
        **{f"renewal_{name}": value for name, value in renewal.items()},
        **{f"case_{name}": value for name, value in case.items()},
        "times_less_log": round(case["wal_bytes"] / renewal["wal_bytes"], 1),
    }
    print(json.dumps(found))


def _acts() -> tuple[Callable[[], object], Callable[[], object]]:
    """A renewal, and a write of an indexed column of the same case."""
    from tests.factories import make_case, make_member, make_site
    from triage.models import Case
    from triage.review import claims

    call_command("migrate", database="owner", verbosity=0)
    if Case.objects.exists():
        raise SystemExit("This database holds cases: give an empty one.")
    site = make_site()
    reader = make_member(site, Role.REVIEWER)
    case = make_case(site, make_member(site, Role.CLINICIAN))
    claims.claim(case=case, reader=reader)

    def write_case() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE triage_case SET due_at = due_at - interval '1 millisecond' WHERE id = %s",
                [case.pk],
            )

    return lambda: claims.renew(case=case, reader=reader), write_case


def _cost(act: Callable[[], object], times: int) -> dict[str, Any]:
    """For one act: bytes of the log, and milliseconds."""
    with connections["owner"].cursor() as owner:
        # After a checkpoint the first write of a page logs the page as a whole: past it first.
        for _ in range(20):
            act()
        owner.execute("SELECT pg_current_wal_insert_lsn()")
        before, began = owner.fetchone()[0], time.perf_counter()
        for _ in range(times):
            act()
        spent = time.perf_counter() - began
        owner.execute("SELECT pg_current_wal_insert_lsn() - %s::pg_lsn", [before])
        written = int(owner.fetchone()[0])
    return {"wal_bytes": round(written / times), "ms": round(1000 * spent / times, 2)}


if __name__ == "__main__":
    main()
