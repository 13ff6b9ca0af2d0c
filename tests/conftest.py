"""Fixtures of all tests: real PostgreSQL as the application's own role, real files, real people.

Tables are made by the owner's role; tests run as the role that owns nothing, as production does.
``db`` rolls back; ``committed_db`` really commits (for threads and other processes) and empties
every table afterwards.
"""

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import OperationalError, connections
from psycopg.errors import DeadlockDetected

from accounts.models import Site
from accounts.privileges import APPEND_ONLY, NEVER_DELETED
from tests import factories
from tests.manifests import refuse_manifests
from tests.parallel import (  # noqa: F401  hooks
    keep_files_together,
    put_long_ones_first,
    pytest_configure_node,
    pytest_unconfigure,
)
from tests.whole import leave_out_whole_forms, pytest_addoption, whole_form  # noqa: F401  hooks

REPOSITORY = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("CALLUS_DATA") or REPOSITORY.parent / "shared" / "data")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, None, None]:
    leave_out_whole_forms(config, items)
    keep_files_together(config, items)  # before xdist reads the groups
    yield
    put_long_ones_first(config, items)  # after all others have brought them in an order of theirs


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker) -> None:
    """Migrates as the owner; leftovers of a run that was killed are emptied."""
    with django_db_blocker.unblock():
        call_command("migrate", database="owner", verbosity=0)
        empty_all_tables()
        connections["owner"].close()


def empty_all_tables() -> None:
    """Truncates everything but Django's own bookkeeping, with the append-only triggers lifted.

    A worker that a test ends may still write. PostgreSQL then gives one of the two up, and if that is us we
    come again.
    """
    for _try in range(5):
        try:
            return truncate_all()
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
            connections["owner"].close()
    return truncate_all()


def truncate_all() -> None:
    kept = {"django_migrations", "django_content_type", "auth_permission"}
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [row[0] for row in cursor.fetchall() if row[0] not in kept]
        history = (*APPEND_ONLY, *NEVER_DELETED)
        listed = ", ".join(f'"{name}"' for name in tables)
        cursor.execute(
            "BEGIN;"
            + "".join(f"ALTER TABLE {table} DISABLE TRIGGER USER;" for table in history)
            + f"TRUNCATE {listed} RESTART IDENTITY;"
            + "".join(f"ALTER TABLE {table} ENABLE TRIGGER USER;" for table in history)
            + "COMMIT;"
        )


@pytest.fixture
def committed_db(django_db_setup, django_db_blocker) -> Iterator[None]:
    """A database in which commits are real, so that other connections and processes see them."""
    with django_db_blocker.unblock():
        yield
        for alias in ("default", "owner"):
            connections[alias].close()
        empty_all_tables()
        connections["owner"].close()


@pytest.fixture(scope="session", autouse=True)
def files_are_not_synced() -> Iterator[None]:
    """A sync waits for the disk, and no test outlives the machine. Processes that tests start do sync."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(autouse=True)
def no_manifest_by_the_way() -> Iterator[None]:
    """Every test fails whose request or batch fetches a release's manifest without showing it."""
    with connections["default"].execute_wrapper(refuse_manifests):
        yield


@pytest.fixture(autouse=True)
def decode_instead_of_waiting(monkeypatch) -> None:
    """Whoever waits for a decision runs the intake worker's code meanwhile: a test has no other worker."""
    from triage.intake import waiting, worker

    monkeypatch.setattr(waiting, "wait_a_moment", lambda seconds: worker.decode_until_empty())


@pytest.fixture
def storage(settings, tmp_path) -> Path:
    """Pictures of this test only."""
    from django.core.files.storage import storages

    options = {"location": tmp_path / "media", "base_url": None}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": options},
    }
    settings.MODEL_ROOT = tmp_path / "models"
    storages._storages = {}
    return tmp_path / "media"


@pytest.fixture
def site(db) -> Site:
    return factories.make_site("North Clinic", "north")


@pytest.fixture
def other_site(db) -> Site:
    return factories.make_site("South Clinic", "south")


@pytest.fixture
def people(site, other_site) -> SimpleNamespace:
    """One of each: five at ``site``, one stranger at ``other_site``, and the installation's staff."""
    return factories.make_people(site, other_site)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real X-rays; tests that need it skip, and say so, where it is absent."""
    if not DATA.is_dir():
        pytest.skip(f"No real X-rays at {DATA}; set CALLUS_DATA to their folder.")
    return DATA


@pytest.fixture(scope="session")
def release_with_detector(tmp_path_factory) -> Path:
    """The folder of a release of format 3. What its detector says means nothing."""
    from tests.detector_release import write_release_with_detector  # loads torch

    return write_release_with_detector(tmp_path_factory.mktemp("releases"))


@pytest.fixture(scope="session")
def plain_release(tmp_path_factory) -> Path:
    """The folder of a release of format 2, without a detector; its call may not be used."""
    from tests.detector_release import write_plain_release  # loads torch

    return write_plain_release(tmp_path_factory.mktemp("releases"))
