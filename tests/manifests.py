"""A guard for all tests: the code of Callus reads a release's manifest only where its figures are shown."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
# All of it; one entry, ``manifest -> key``, is as short as another column.
MANIFEST = re.compile(r'"triage_release"\."manifest"(?! (->|#>) )')
# The second is where the Django admin's pages are made, of which that of the releases shows figures. The last
# four show what the active release measured of its call, and compare a site's points with its.
SHOWN_BY = {
    *("triage/admin.py", "accounts/admin_base.py", "triage/api/releases.py"),
    *("triage/web/points.py", "triage/api/points.py"),
    *("triage/report/raised_points.py", "triage/points.py"),
}
PACKAGES = ("accounts", "triage", "config")


def refuse_manifests(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
) -> Any:
    """For ``connection.execute_wrapper``: fails where a page, the API or a worker fetches a manifest.

    It is 50 kB: with every prediction and job it was most of what the database sent.
    """
    if sql.startswith("SELECT") and MANIFEST.search(sql):
        place = asked_from()
        assert place in {"", *SHOWN_BY}, f"{place} reads the manifest: defer it."
    return execute(sql, params, many, context)


def asked_from() -> str:
    """The innermost file of ours, or "" where a test asks itself."""
    frame = sys._getframe(1)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(REPOSITORY) and ".venv" not in path.parts:
            name = str(path.relative_to(REPOSITORY))
            if name.startswith(PACKAGES):
                return name
            if name != "tests/manifests.py":
                return ""
        frame = frame.f_back
    return ""
