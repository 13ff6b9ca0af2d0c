"""The notices that one person got, the newest first, by keyset pages."""

from accounts.models import User
from triage.models import Notice
from triage.report.past import PAGE, PastPage
from triage.worklist.keyset import Cursor, Key, beyond

ORDER = (Key("created_at", descending=True), Key("id", descending=True))


def sent_notices(user: User, cursor_text: str | None = None) -> PastPage[Notice]:
    """The page at the cursor. Raises Refused where that is damaged."""
    notices = Notice.objects.filter(person=user).select_related("person")
    if cursor_text:
        notices = notices.filter(beyond(ORDER, Cursor.decode(cursor_text, ORDER, Notice).values))
    found = list(notices.order_by(*(key.order_by for key in ORDER))[: PAGE + 1])
    more = len(found) > PAGE
    last = found[PAGE - 1] if more else None
    following = Cursor((last.created_at, last.pk)).encode() if last else None
    return PastPage(found[:PAGE], following)
