"""Notices over a real SMTP server: what they say, and that none is lost or sent twice."""

from datetime import timedelta
from itertools import pairwise

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings as django_settings
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.identifiers import new_id
from accounts.models import User
from accounts.roles import Role
from tests.factories import make_case, make_member
from tests.smtp import body_of, mail_server
from triage.models import CriticalResult, Notice
from triage.models.notice import NoticeState
from triage.report import notices
from triage.report.critical_results import acknowledge
from triage.report.notices import MOST_TRIES, send_due
from triage.report.tasks import send_notices
from triage.review.opinion import GivenOpinion
from triage.review.services import sign

pytestmark = pytest.mark.usefixtures("storage")


@pytest.fixture
def mails(settings):
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 5
        settings.PUBLIC_URL = "https://callus.example.org"
        yield server


@pytest.fixture
def waiting(site, people):
    case = make_case(
        site,
        people.clinician,
        patient_reference="PSEUDONYM-7",
        clinical_question="Jane fell on the wrist",
    )
    said = {"classes": ("fracture_dislocation",), "comment": "Luxation of the elbow"}
    sign(case=case, reader=people.reviewer, given=GivenOpinion("certain", **said))
    return CriticalResult.objects.get()


def soon():
    Notice.objects.update(next_try_at=F("next_try_at") - timedelta(hours=1))


def test_a_mail_is_a_link_and_says_nothing_of_the_case(waiting, people, mails):
    assert send_notices() == 1
    (mail,) = mails.mails
    assert mail["To"] == people.clinician.email
    said = f"{mail['Subject']} {mail['From']} {body_of(mail)}"
    link = reverse("critical_result", args=[waiting.pk])
    assert f"https://callus.example.org{link}" in said
    case = waiting.case
    for secret in (
        *("fracture", "dislocation", "critical", "wrist", "elbow", "luxation", "jane", "pseudonym"),
        *(case.accession_number, case.short_name, str(case.pk), case.site.name),
    ):
        assert secret.lower() not in said.replace(link, "").lower(), secret
    assert "127.0.0.1" not in said and "localhost" not in said.replace(
        django_settings.DEFAULT_FROM_EMAIL, ""
    )


def test_what_was_sent_is_not_sent_again(waiting, mails):
    for _ in range(3):
        send_notices()
    assert len(mails.mails) == 1
    notice = Notice.objects.get()
    assert (notice.state, notice.attempts) == (NoticeState.SENT, 1)
    assert notice.sent_at


def test_a_mail_server_that_is_away_is_tried_again_with_growing_pauses(waiting, settings, mails):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9  # nobody listens there
    pauses = []
    for _ in range(4):
        assert send_notices() == 0
        notice = Notice.objects.get()
        assert (notice.state, notice.error) == (NoticeState.WAITING, "unreachable")
        assert send_due() == 0, "Not before its pause is over."
        pauses.append(notice.next_try_at)
        soon()
    waits = [(later - now).total_seconds() for now, later in pairwise(pauses)]
    assert all(wait >= 29 for wait in waits) and waits == sorted(waits)
    settings.EMAIL_PORT = port
    assert send_notices() == 1
    assert Notice.objects.get().attempts == 5


def test_a_mail_server_that_refuses_is_given_up_in_the_end_and_the_log_says_so(waiting, mails):
    mails.refuses = True
    for _ in range(MOST_TRIES):
        send_notices()
        soon()
    notice = Notice.objects.get()
    assert (notice.state, notice.error, mails.mails) == (NoticeState.FAILED, "refused", [])


def test_an_answer_makes_what_was_not_sent_unnecessary(waiting, settings, mails, people):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
    send_notices()
    acknowledge(result=waiting, actor=people.clinician2, review_id=waiting.review_id)
    settings.EMAIL_PORT = port
    soon()
    assert send_notices() == 0
    assert (Notice.objects.get().state, mails.mails) == (NoticeState.NOT_NEEDED, [])


def test_what_a_killed_worker_had_claimed_goes_out_under_the_same_id(waiting, mails, monkeypatch):
    def killed(*_arguments, **_options):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(notices, "_end", killed)
        with pytest.raises(SystemExit):
            send_notices()
    assert send_notices() == 0, "The claim still runs."
    Notice.objects.update(claimed_until=F("claimed_until") - timedelta(minutes=5))
    assert send_notices() == 1
    first, second = mails.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_a_late_worker_changes_nothing(waiting, mails, monkeypatch):
    """Its claim ran out, and another one sent the mail meanwhile."""
    real = notices.mail_of

    def slow(notice, connection=None):
        Notice.objects.update(claimed_until=F("claimed_until") - timedelta(minutes=5))
        monkeypatch.setattr(notices, "mail_of", real)
        assert send_due() == 1
        raise OSError("gone")

    monkeypatch.setattr(notices, "mail_of", slow)
    send_notices()
    assert Notice.objects.get().state == NoticeState.SENT


@pytest.fixture
def five(waiting, site):
    """Five notices of one step, in the order in which they are due."""
    people = [make_member(site, Role.CLINICIAN, name=f"Person {number}") for number in range(5)]
    now = Notice.objects.model(critical_result=waiting, site=site, step=1)
    CriticalResult.objects.update(next_at=F("next_at") + timedelta(hours=1))
    made = []
    for number, person in enumerate(people):
        now.pk, now.person = new_id(), person
        now.next_try_at = timezone.now() - timedelta(minutes=10 - number)
        now.save(force_insert=True)
        made.append(Notice.objects.get(pk=now.pk))
    return made


def fails(monkeypatch, bad, error):
    """Writing the mail of ``bad`` raises ``error``."""
    real = notices.mail_of

    def mail_of(notice, connection=None):
        if notice.pk == bad.pk:
            raise error
        return real(notice, connection)

    monkeypatch.setattr(notices, "mail_of", mail_of)


def states():
    return list(Notice.objects.order_by("pk").values_list("state", "attempts"))


def test_one_that_is_refused_stops_no_other(five, mails):
    mails.refused = {five[2].person.email}
    assert send_notices() == 4
    assert states() == [*[("sent", 1)] * 2, ("waiting", 1), *[("sent", 1)] * 2]


@pytest.mark.parametrize(
    "error", [ValueError("No such header"), UnicodeError(), KeyError("x"), OSError()], ids=repr
)
def test_whatever_one_raises_spends_its_own_tries_and_stops_no_other(
    five, mails, monkeypatch, error
):
    fails(monkeypatch, five[2], error)
    assert send_notices() == 4
    for _ in range(MOST_TRIES + 3):
        soon()
        send_notices()
    bad = Notice.objects.get(pk=five[2].pk)
    assert (bad.state, bad.attempts) == (NoticeState.FAILED, MOST_TRIES)
    assert bad.error == ("unreachable" if isinstance(error, OSError) else "other")
    assert len(mails.mails) == 4


def test_one_without_an_address_is_not_said_to_be_sent(five, mails):
    User.objects.filter(pk=five[2].person_id).update(email="")
    assert send_notices() == 4
    assert states()[2] == ("waiting", 1)


def test_a_time_limit_in_the_middle_leaves_the_rest_free(five, mails, monkeypatch):
    with monkeypatch.context() as patched:
        fails(patched, five[2], SoftTimeLimitExceeded())
        with pytest.raises(SoftTimeLimitExceeded):
            send_notices()
    assert states() == [*[("sent", 1)] * 2, ("waiting", 1), *[("waiting", 0)] * 2]
    assert send_notices() == 2, "At once, by the next worker."
    soon()
    assert send_notices() == 1


def test_one_that_kills_its_worker_each_time_comes_to_an_end(five, mails, monkeypatch):
    fails(monkeypatch, five[2], SystemExit())
    for _ in range(MOST_TRIES):
        with pytest.raises(SystemExit):
            send_notices()
        assert [count for _state, count in states()[3:]] in ([0, 0], [1, 1])
        send_notices()
        Notice.objects.update(claimed_until=F("claimed_until") - timedelta(minutes=5))
    assert len(mails.mails) == 4
    send_notices()
    assert states()[2][0] == NoticeState.FAILED


def test_a_pass_that_takes_long_leaves_the_rest_free(five, mails, monkeypatch):
    monkeypatch.setattr(notices, "LONGEST_PASS", -1.0)
    assert send_notices() == 0
    assert states() == [("waiting", 0)] * 5
    assert not Notice.objects.exclude(claimed_until=None).exists()
