"""What the rows of a list or the head of a case depend on, as an ETag: equal tags, equal rows."""

import hashlib
from functools import cache
from pathlib import Path
from uuid import UUID

import django
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import Membership, User
from triage.disclosure import Sortable
from triage.stamps import stamp_of
from triage.worklist.query import WorklistQuery

_CODE = ("accounts", "config", "triage", "templates", "locale")
_SUFFIXES = {".py", ".html", ".svg", ".mo"}


def rows_etag(user: User, query: WorklistQuery, sortable: Sortable) -> str:
    """The tag of the rows that ``user`` sees now. Take it before the rows are read.

    ``sortable``: what the rows may be sorted by; the tag of before isn't confirmed once that has changed.

    Weak, because the minutes that are written in the rows for a browser without scripts differ from
    one answer to the next; a browser with scripts counts them itself.

    Raises Refused, as the rows would, if the query sorts or filters by what is hidden from ``user``.
    """
    query.refuse_hidden(sortable)
    return _etag(user, query, sortable)


def head_etag(user: User, case_id: UUID, view: str) -> str:
    """The tag of the head of the case's page that ``user`` sees now. Take it before the case is read.

    ``view``: of the list that the page was opened from; links of the head keep it.
    """
    return _etag(user, (case_id, view), None)


def _etag(user: User, shown: WorklistQuery | tuple[UUID, str], sortable: Sortable | None) -> str:
    held = Membership.objects.current().filter(user=user).order_by("site_id")
    roles = [(site, sorted(given)) for site, given in held.values_list("site_id", "roles")]
    depends_on = (
        *(user.pk, roles, stamp_of([site for site, _ in roles]), shown),
        sortable,
        *(get_language(), timezone.get_current_timezone_name(), code_version()),
    )
    return f'W/"{hashlib.sha256(repr(depends_on).encode()).hexdigest()[:32]}"'


@cache
def code_version() -> str:
    """A digest of the code and the translations, the same in each process of a deployment."""
    digest = hashlib.sha256(django.__version__.encode())
    for folder in _CODE:
        for path in sorted(Path(settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in _SUFFIXES:
                digest.update(path.read_bytes())
    return digest.hexdigest()
