"""``make manage``: runs ``manage.py`` on the database of ``make run``, whether the site runs or not."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localservices.lock import is_held, only_one
from localservices.problem import Problem
from localservices.services import services

ADDRESSES = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


@contextmanager
def announced_addresses(var_dir: Path, environment: dict[str, str]) -> Iterator[None]:
    """Keeps the addresses of the running servers in ``var_dir`` for ``make manage`` while the block runs.

    Only the person who runs the site can read the file: an address may hold a password.
    """
    known = {**os.environ, **environment}
    path = _file(var_dir)
    path.unlink(missing_ok=True)  # of a run that was killed
    path.touch(mode=0o600)
    path.write_text(json.dumps({name: known[name] for name in ADDRESSES}))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def local_database(var_dir: Path) -> Iterator[dict[str, str]]:
    """The environment of the running site, or of servers started for the length of the block.

    Raises:
        Problem: there is no data yet, or another process uses it and its addresses are unknown.
    """
    if not os.environ.get("DATABASE_URL") and not (var_dir / "postgres" / "PG_VERSION").exists():
        raise Problem(f"There is no database in {var_dir} yet. Start the site once: make run")
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings.local", "VAR_DIR": str(var_dir)}
    # The file alone proves nothing: a killed run leaves it behind. The lock ends with its process.
    if is_held(var_dir) and _file(var_dir).exists():
        yield settings | json.loads(_file(var_dir).read_text())
        return
    with only_one(var_dir, "make manage"), services(var_dir) as environment:
        yield settings | environment


def _file(var_dir: Path) -> Path:
    return var_dir / "addresses.json"
