"""What a poll of an unchanged worklist costs.

``python -m localservices services --database callus_bench -- python -m bench.live_rows``

CPU of the web process (PostgreSQL's not counted) for a poll of the live rows with the tag of the rows that
the browser has, through Django's handler with all its middleware: session, person, memberships. Beside it
in the same run, in turns, an authenticated view that does nothing: their ratio holds on other machines.
Fills the database that it is given, and refuses one that holds a case.
"""

import argparse
import io
import json
import os
import time
from datetime import timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.decorators import login_required  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.urls import include, path  # noqa: E402
from django.utils import timezone  # noqa: E402

LIMIT = 5.0  # ms of CPU for an unchanged poll
CASES = 200  # a page shows 50
LIVE = "/worklist/live/"


@login_required
def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [path("bare/", bare), path("", include("config.urls"))]


def main() -> None:
    options = _options()
    session = _fill(options.cases)
    with override_settings(ROOT_URLCONF=__name__):
        handler = WSGIHandler()
        first = _get(handler, LIVE, session)
        if first["status"] != 200:
            raise SystemExit(f"The rows answered {first['status']}.")
        spent, unchanged = _measured(handler, session, first["ETag"], options.polls)
    milliseconds = {name: 1000 * total / options.polls for name, total in spent.items()}
    found = {
        "cases": options.cases,
        "polls": options.polls,
        "answered_304": unchanged,
        **{f"{name}_ms_cpu": round(value, 2) for name, value in milliseconds.items()},
        "times_the_bare_view": round(milliseconds["unchanged"] / milliseconds["bare"], 2),
        "share_of_the_limit": round(milliseconds["unchanged"] / LIMIT, 2),
        "bytes_of_the_rows": first["bytes"],
    }
    print(json.dumps(found))


def _measured(
    handler: WSGIHandler, session: str, etag: str, turns: int
) -> tuple[dict[str, float], int]:
    """Seconds of CPU of all polls of each kind, and how many unchanged ones answered 304."""
    polls = {
        "bare": lambda: _get(handler, "/bare/", session),
        "unchanged": lambda: _get(handler, LIVE, session, etag),
        "whole": lambda: _get(handler, LIVE, session),
    }
    spent, unchanged = dict.fromkeys(polls, 0.0), 0
    for _ in range(turns):
        for name, poll in polls.items():
            start = time.process_time()
            answer = poll()
            spent[name] += time.process_time() - start
            unchanged += name == "unchanged" and answer["status"] == 304
    return spent, unchanged


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure a poll of an unchanged worklist.")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--polls", type=int, default=200)
    return parser.parse_args()


def _fill(cases: int) -> str:
    """Cases without files, and a reader of two sites; returns the key of the reader's session."""
    from accounts.models import Membership, User
    from accounts.roles import Role
    from tests.factories import make_case, make_membership, make_release, make_site

    call_command("migrate", database="owner", verbosity=0)
    if Membership.objects.exists():
        raise SystemExit("This database holds people: give an empty one.")
    make_release()
    site, other = make_site(), make_site()
    sender, reader = (
        User.objects.create_user(f"{name}@bench.test", name=name) for name in ("sender", "reader")
    )
    for place in (site, other):
        make_membership(reader, place, Role.REVIEWER)
    now = timezone.now()
    for number in range(cases):
        due = now + timedelta(hours=1, minutes=number)
        make_case(site if number % 4 else other, sender, due_at=due)
    client = Client()
    client.force_login(reader)
    return str(client.session.session_key)


def _get(handler: WSGIHandler, address: str, session: str, etag: str = "") -> dict[str, Any]:
    """The answer of the whole handler: status, ETag, and how many bytes it was."""
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": address,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_ACCEPT_ENCODING": "gzip",
        "HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}={session}",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if etag:
        environ["HTTP_IF_NONE_MATCH"] = etag
    answer: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
        answer.update({"status": int(status[:3]), "ETag": dict(headers).get("ETag", "")})

    body = handler(environ, start)
    answer["bytes"] = sum(len(part) for part in body)
    body.close()  # type: ignore[attr-defined]
    return answer


if __name__ == "__main__":
    main()
