"""A second real connection that holds what the code under test wants, for as long as the test says."""

import re
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


# What takes a lock that is held until the transaction ends.
LOCKS = re.compile(
    r"^\s*(?:INSERT INTO|UPDATE|DELETE FROM) (?P<table>\S+)"
    r"|FROM (?P<locked>\S+).*FOR (?:NO KEY )?UPDATE|(?P<advisory>pg_advisory_xact_lock)",
    re.DOTALL,
)


class StoppableThread(threading.Thread):
    """Runs a call in its own thread and connection. It can be stopped after one of its statements.

    ``stops``: the statements so far after which it can be stopped, in their order: the first that locked
    something in a table, or with ``every`` all of them. ``stop_after`` is the index of the one after which
    the act waits for ``resume``.
    """

    def __init__(
        self, act: Callable[[], Any], stop_after: int | None = None, *, every: bool = False
    ) -> None:
        super().__init__(daemon=True)
        self._act, self._stop_after, self._every = act, stop_after, every
        self.stops: list[str] = []
        self.reached, self.resume, self.started = (threading.Event() for _ in range(3))
        self.result: Any = None
        self.error: Exception | None = None
        self.process_id = 0

    def run(self) -> None:
        connection.ensure_connection()
        self.process_id = connection.connection.info.backend_pid
        self.started.set()
        try:
            with connection.execute_wrapper(self._watch):
                self.result = self._act()
        except Exception as error:
            self.error = error
        finally:
            connection.close()
            self.reached.set()

    def _watch(self, execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        result = execute(sql, parameters, many, context)
        stop = sql if self._every else self._new_lock(sql)
        if stop:
            self.stops.append(stop)
            if len(self.stops) - 1 == self._stop_after:
                self.reached.set()
                assert self.resume.wait(30)
        return result

    def _new_lock(self, sql: str) -> str:
        found = LOCKS.search(sql)
        if not found or not connection.in_atomic_block:
            return ""
        place = next(part for part in found.groups() if part)
        return "" if place in self.stops else place

    def finish(self) -> None:
        self.resume.set()
        self.join(30)
        assert not self.is_alive()


BLOCKED = "SELECT %s = ANY(pg_blocking_pids(%s))"


def meet(first: StoppableThread, second: StoppableThread) -> None:
    """Stops ``first``, lets ``second`` run until it ends or waits for ``first``, and ends both."""
    first.start()
    assert first.reached.wait(30)
    second.start()
    assert second.started.wait(30)
    with connection.cursor() as cursor:
        while second.is_alive():
            second.join(0.002)
            cursor.execute(BLOCKED, [first.process_id, second.process_id])
            if cursor.fetchone()[0]:
                break
    first.finish()
    second.finish()
