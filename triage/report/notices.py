"""Hands notices to the mail server: each row once, and again where that failed.

1. ``_claim`` one, in a transaction of its own. Nothing is held that isn't being sent.
2. Send it outside any transaction: a mail server may be silent for seconds.
3. Say what became of it. What a dead worker claimed is claimed again when the claim runs out.

Whatever goes wrong with a notice spends one of its own tries, and the next notice is sent.
"""

import logging
import time
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from celery.exceptions import SoftTimeLimitExceeded
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.public import public_host, public_url
from triage.models import CallBack, Notice
from triage.models.notice import NoticeError, NoticeState

logger = logging.getLogger(__name__)

CLAIM = timedelta(minutes=2)  # more than the task's time limit
ONE_PASS = 20
LONGEST_PASS = 30.0  # s; the task may take 50, and a mail server's time-out is 10
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)
MOST_TRIES = 12  # some four hours; the page shows what failed, and the next step is notified anyway


class NobodyTookItError(Exception):
    """The mail has no address to go to."""


def send_due() -> int:
    """Sends what is due. Returns how many were sent."""
    connection, sent, began = get_connection(), 0, time.monotonic()
    try:
        for _number in range(ONE_PASS):
            notice = _claim() if time.monotonic() - began < LONGEST_PASS else None
            if notice is None:
                break  # the next pass goes on
            sent += _send(notice, connection)
    finally:
        _close(connection)
    return sent


@transaction.atomic
def _claim() -> Notice | None:
    """Counts the try before it begins, so that one that kills its worker comes to an end too.

    SKIP LOCKED: two workers share the work, and none sends what the other has.
    """
    free = Q(claimed_until=None) | Q(claimed_until__lt=Now())
    due = Notice.objects.filter(free, state=NoticeState.WAITING, next_try_at__lte=Now())
    locked = due.select_for_update(of=("self",), skip_locked=True, no_key=True)
    notice_id = locked.order_by("next_try_at").values_list("pk", flat=True).first()
    if notice_id is None:
        return None
    claimed = Notice.objects.filter(pk=notice_id)
    claimed.update(claimed_until=Now() + CLAIM, attempts=F("attempts") + 1)
    return claimed.select_related("critical_result", "call_back", "person").get()


def _send(notice: Notice, connection: BaseEmailBackend) -> bool:
    if not (_is_needed(notice) and notice.person.is_active):
        _end(notice, NoticeState.NOT_NEEDED)
        return False
    if notice.attempts > MOST_TRIES:  # its last workers said nothing any more
        _end(notice, NoticeState.FAILED, error=NoticeError.OTHER)
        return False
    try:
        if not mail_of(notice, connection).send():
            raise NobodyTookItError
    except SoftTimeLimitExceeded as error:
        _try_again(notice, error)
        raise
    except Exception as error:
        _try_again(notice, error)
        return False
    _end(notice, NoticeState.SENT, sent_at=Now(), error="")
    return True


def _is_needed(notice: Notice) -> bool:
    about = notice.about
    return about.is_open if isinstance(about, CallBack) else about.is_waiting


def _page_of(notice: Notice) -> str:
    name = "call_back" if notice.call_back_id else "critical_result"
    return reverse(name, args=[notice.about.pk])


def mail_of(notice: Notice, connection: BaseEmailBackend | None = None) -> EmailMessage:
    """A link and nothing else: a mail is read on a locked screen, and kept by servers that are not ours."""
    context = {
        "person": notice.person,
        "link": public_url(_page_of(notice)),
        "choice": public_url(reverse("notices")),
    }
    return EmailMessage(
        render_to_string("notice/subject.txt", context).strip(),
        render_to_string("notice/message.txt", context),
        to=[notice.person.email],
        connection=connection,
        # The same for each try: a mailbox shows one mail that came twice once.
        headers={"Message-ID": f"<{notice.pk}@{public_host().split(':')[0] or 'callus'}>"},
    )


def _try_again(notice: Notice, error: Exception) -> None:
    code = _code_of(error)
    logger.warning("Notice %s, try %d: %s", notice.pk, notice.attempts, type(error).__name__)
    if notice.attempts >= MOST_TRIES:
        _end(notice, NoticeState.FAILED, error=code)
        return
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (notice.attempts - 1))
    _of_ours(notice).update(next_try_at=Now() + pause, claimed_until=None, error=code)


def _code_of(error: Exception) -> NoticeError:
    if isinstance(error, SMTPResponseException | SMTPRecipientsRefused):
        return NoticeError.REFUSED
    if isinstance(error, OSError | SoftTimeLimitExceeded):  # smtplib's own errors too
        return NoticeError.UNREACHABLE
    return NoticeError.OTHER


def _end(notice: Notice, state: NoticeState, **changes: object) -> None:
    _of_ours(notice).update(state=state, claimed_until=None, **changes)


def _of_ours(notice: Notice) -> models.QuerySet[Notice]:
    """Fenced by the try: a worker that was given up for dead changes nothing."""
    return Notice.objects.filter(pk=notice.pk, attempts=notice.attempts, state=NoticeState.WAITING)


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except OSError:
        logger.info("The mail server was gone before its connection was closed")
