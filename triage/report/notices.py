"""Hands notices to the mail server: each row once, and again where that failed.

1. ``_claim`` some, in a transaction of their own.
2. Send each outside any transaction: a mail server may be silent for seconds.
3. Say what became of it. What a dead worker claimed is claimed again when the claim runs out.
"""

import logging
import time
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.public import public_host, public_url
from triage.models import Notice
from triage.models.notice import NoticeError, NoticeState

logger = logging.getLogger(__name__)

CLAIM = timedelta(minutes=2)  # more than the task's time limit
ONE_PASS = 20
LONGEST_PASS = 30.0  # s; the task may take 50, and a mail server's time-out is 10
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)
MOST_TRIES = 12  # some four hours; the page shows what failed, and the next step is notified anyway


def send_due() -> int:
    """Sends what is due. Returns how many were sent."""
    notices, sent, began = _claim(), 0, time.monotonic()
    if not notices:
        return 0
    connection = get_connection()
    try:
        for notice in notices:
            if time.monotonic() - began > LONGEST_PASS:
                break  # the rest is claimed again
            sent += _send(notice, connection)
    finally:
        _close(connection)
    return sent


@transaction.atomic
def _claim() -> list[Notice]:
    """SKIP LOCKED: two workers share the work, and none sends what the other has."""
    free = Q(claimed_until=None) | Q(claimed_until__lt=Now())
    due = Notice.objects.filter(free, state=NoticeState.WAITING, next_try_at__lte=Now())
    locked = due.select_for_update(of=("self",), skip_locked=True, no_key=True)
    ids = list(locked.order_by("next_try_at").values_list("pk", flat=True)[:ONE_PASS])
    claimed = Notice.objects.filter(pk__in=ids)
    claimed.update(claimed_until=Now() + CLAIM, attempts=F("attempts") + 1)
    return list(claimed.select_related("critical_result", "person").order_by("created_at", "pk"))


def _send(notice: Notice, connection: BaseEmailBackend) -> bool:
    if not (notice.critical_result.is_waiting and notice.person.is_active):
        _end(notice, NoticeState.NOT_NEEDED)
        return False
    try:
        mail_of(notice, connection).send()
    except OSError as error:  # smtplib's own errors too
        _try_again(notice, error)
        return False
    _end(notice, NoticeState.SENT, sent_at=Now(), error="")
    return True


def mail_of(notice: Notice, connection: BaseEmailBackend | None = None) -> EmailMessage:
    """A link and nothing else: a mail is read on a locked screen, and kept by servers that are not ours."""
    context = {
        "person": notice.person,
        "link": public_url(reverse("critical_result", args=[notice.critical_result_id])),
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


def _try_again(notice: Notice, error: OSError) -> None:
    answered = isinstance(error, SMTPResponseException | SMTPRecipientsRefused)
    code = NoticeError.REFUSED if answered else NoticeError.UNREACHABLE
    logger.warning("Notice %s, try %d: %s", notice.pk, notice.attempts, type(error).__name__)
    if notice.attempts >= MOST_TRIES:
        _end(notice, NoticeState.FAILED, error=code)
        return
    pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (notice.attempts - 1))
    _of_ours(notice).update(next_try_at=Now() + pause, claimed_until=None, error=code)


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
