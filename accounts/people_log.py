"""What was done to a site's people and tokens, newest first, a page at a time."""

from dataclasses import dataclass

from accounts.models import AuditEntry, Site

PAGE = 50  # acts: a clinic changes people a few times a month, so one page mostly holds the year
_LARGEST_ID = 2**63 - 1  # of a bigint


@dataclass(frozen=True)
class PeopleLog:
    """``acts`` with their actors; ``earlier`` is ``before`` of the next page, None on the last one."""

    acts: list[AuditEntry]
    earlier: int | None


def people_log(site: Site, before: int | None = None) -> PeopleLog:
    """The acts of a site on its people that are older than the audit entry ``before``.

    A page begins after an id, so an old page costs what the first one does.
    """
    acts = AuditEntry.objects.filter(site=site).about_people().select_related("actor")
    if before is not None:
        acts = acts.filter(pk__lt=before)
    found = list(acts.order_by("-id")[: PAGE + 1])
    more = len(found) > PAGE
    return PeopleLog(found[:PAGE], found[PAGE - 1].pk if more else None)


def read_before(text: str) -> int | None:
    """Parses ``before`` of a URL; None if it is "". Raises ValueError if it can't be an audit entry's id."""
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 19 else 0
    if not 0 < number <= _LARGEST_ID:
        raise ValueError(text)
    return number
