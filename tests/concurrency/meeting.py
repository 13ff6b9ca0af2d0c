"""A second real connection that holds what the code under test wants, for as long as the test says."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, connections


@contextmanager
def another_session() -> Iterator[psycopg.Connection]:
    """A connection as the application's role; what it has open is rolled back at the end."""
    parameters = connections["default"].get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    with psycopg.connect(**parameters) as session:
        yield session
        session.rollback()


@contextmanager
def impatient(milliseconds: int, setting: str = "lock_timeout") -> Iterator[None]:
    """This thread's connection gives up waiting after ``milliseconds``."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET {setting} = '{milliseconds}ms'")
    try:
        yield
    finally:
        connection.close()  # the next one has the settings' own limits


def wait_until_blocked(by: int, seconds: float = 10) -> None:
    """Returns once some session waits for the one whose process id is ``by``."""
    until = time.monotonic() + seconds
    with another_session() as watcher:
        while time.monotonic() < until:
            waiting = watcher.execute(
                "SELECT 1 FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))", [by]
            )
            if waiting.fetchone():
                return
            watcher.rollback()
            time.sleep(0.01)
    raise AssertionError("Nobody waited.")


@contextmanager
def meanwhile(act: Callable[[], Any]) -> Iterator[None]:
    """Runs ``act`` in another thread while the block runs; its error is the test's error."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:
            errors.append(error)
        finally:
            connections["default"].close()

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join(30)
    assert not thread.is_alive()
    if errors:
        raise errors[0]
