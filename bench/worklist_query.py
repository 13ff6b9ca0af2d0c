"""What the first page of the worklist costs a reader of many sites.

``python -m localservices services --database callus_bench -- python -m bench.worklist_query``

First without a case, for a reader of all sites and a reader of one, in turns in the same run: their ratio
holds on other machines. Then with many open cases, for the reader of all. SQL is the wall time of the
statements, seen from the client; CPU is that of this process, PostgreSQL's not counted. Each figure is the
median of the rounds. Fills the database that it is given, and refuses one that holds a person.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.utils import timezone  # noqa: E402

if TYPE_CHECKING:
    from accounts.models import User

TIMES, MILLISECONDS = 3.0, 50.0  # the limits: of the reader of one site; of SQL with the open cases

# What each open case has of its own; every other column is as the model sets it on a new case.
OWN = {
    "id": "gen_random_uuid()",
    "site_id": "site.id",
    "received_at": "now() - n * interval '1 minute'",
    "due_at": "now() + (n * 7919 %% 100003) * interval '1 second'",
    "priority_due_at": "now() + interval '2 days'",
    "accession_number": "'ACC-' || n",
    "priority": "n %% 3",
}
OPEN_CASES = """
    INSERT INTO triage_case ({columns})
    SELECT {values}
    FROM triage_case AS first
    CROSS JOIN generate_series(2, %s) AS n
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM accounts_site) AS site
        ON site.place = n %% %s
    WHERE first.id = %s
"""


def main() -> None:
    options = _options()
    one, many = _people(options.sites)
    empty = _medians({"one": one, "many": many}, options.rounds)
    _open_cases(many, options.cases, options.sites)
    _analyze()
    full = _medians({"many": many}, options.rounds)["many"]
    ratio = empty["many"]["wall"] / empty["one"]["wall"]
    found = {
        "sites": options.sites,
        "open_cases": options.cases,
        **{f"empty_one_site_{name}_ms": round(value, 2) for name, value in empty["one"].items()},
        **{f"empty_{name}_ms": round(value, 2) for name, value in empty["many"].items()},
        "empty_times_one_site": round(ratio, 2),
        "share_of_the_limit_empty": round(ratio / TIMES, 2),
        **{f"{name}_ms": round(value, 2) for name, value in full.items()},
        "share_of_the_limit": round(full["sql"] / MILLISECONDS, 2),
    }
    print(json.dumps(found))


def _open_cases(sender: "User", cases: int, sites: int) -> None:
    """Creates one case by the model, and a hundred thousand copies of it in one statement."""
    from accounts.models import Site
    from triage.models import Case
    from triage.states import CaseState

    first = Case.objects.create(
        site=Site.objects.order_by("id")[0],
        sender=sender,
        source="api",
        is_synthetic=True,
        received_at=timezone.now(),
        due_at=timezone.now(),
        priority_due_at=timezone.now(),
        accession_number="ACC-1",
        state=CaseState.RECEIVED,
        body_part="WRIST",
    )
    columns = [field.column for field in Case._meta.concrete_fields if not field.generated]
    values = ", ".join(OWN.get(column, f"first.{column}") for column in columns)
    statement = OPEN_CASES.format(columns=", ".join(columns), values=values)
    with connection.cursor() as cursor:
        cursor.execute(statement, [cases, sites, first.pk])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the worklist of a reader of many sites.")
    parser.add_argument("--sites", type=int, default=500)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    return parser.parse_args()


def _people(sites: int) -> "tuple[User, User]":
    """A reader of one site and a reader of all."""
    from accounts.models import Membership, User
    from accounts.roles import Role
    from tests.factories import make_membership, make_site

    call_command("migrate", database="owner", verbosity=0)
    if User.objects.exists():
        raise SystemExit("This database holds people: give an empty one.")
    one, many = (
        User.objects.create_user(f"{name}@bench.test", name=name) for name in ("one", "many")
    )
    made = [make_site() for _ in range(sites)]
    Membership.objects.bulk_create(
        Membership(user=many, site=site, roles=[Role.REVIEWER]) for site in made
    )
    make_membership(one, made[0], Role.REVIEWER)
    _analyze()
    return one, many


def _analyze() -> None:
    """Brings the tables into the state in which autovacuum leaves them."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _medians(readers: "dict[str, User]", rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds of the first page by reader: wall, CPU of this process, and SQL."""
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in readers}
    for turn in range(rounds + 2):
        for name, reader in readers.items():
            spent = _page(reader)
            if turn >= 2:  # the first ones warm the caches
                measured[name].append(spent)
    return {
        name: {kind: 1000 * statistics.median(spent[kind] for spent in turns) for kind in turns[0]}
        for name, turns in measured.items()
    }


def _page(reader: "User") -> dict[str, float]:
    from triage.worklist.query import WorklistQuery

    asked = 0.0

    def timed(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal asked
        start = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            asked += time.perf_counter() - start

    wall, cpu = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(timed):
        WorklistQuery().page(reader)
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "sql": asked,
    }


if __name__ == "__main__":
    main()
