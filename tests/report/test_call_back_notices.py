"""Who must call a patient back is told by mail: when it opens, when it changes, and once it is overdue."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.roles import Role
from accounts.services.people import end_membership
from tests.factories import make_case
from tests.report.test_notices import mails  # noqa: F401  the fixture
from tests.smtp import body_of
from triage.models import CallBack, Notice
from triage.models.notice import NoticeState
from triage.report.call_back_notices import notify_of_call_backs
from triage.report.call_backs import close_call_back
from triage.report.notice_choice import choose_notices
from triage.report.tasks import send_notices
from triage.review.interim import record_interim_opinion
from triage.review.opinion import GivenOpinion
from triage.review.services import correct, sign

pytestmark = pytest.mark.usefixtures("storage")

BROKEN = GivenOpinion("certain", ("spiral",), comment="Luxation")
DISLOCATED = GivenOpinion("certain", ("fracture_dislocation",))


@pytest.fixture
def missed(site, people):
    """The open call-back of a fracture that was missed, which its sender must act on."""
    given = {"patient_reference": "PSEUDONYM-7", "clinical_question": "Jane fell on the wrist"}
    case = make_case(site, people.clinician, **given)
    said = {"interim_fracture": "none", "treated_as": "soft_tissue"}
    record_interim_opinion(case=case, author=people.clinician, **said)
    sign(case=case, reader=people.reviewer, given=BROKEN)
    return CallBack.objects.get()


def overdue():
    CallBack.objects.update(
        act_by=F("act_by") - timedelta(days=2), next_at=F("next_at") - timedelta(days=2)
    )


def told(step):
    people = Notice.objects.filter(step=step).values_list("person__name", flat=True)
    return sorted(people)


def test_a_mail_is_a_link_and_says_nothing_of_the_case(missed, people, mails):  # noqa: F811
    assert send_notices() == 1
    (mail,) = mails.mails
    assert mail["To"] == people.clinician.email
    said = f"{mail['Subject']} {mail['From']} {body_of(mail)}"
    link = reverse("call_back", args=[missed.pk])
    assert f"https://callus.example.org{link}" in said
    case = missed.case
    for secret in (
        *("fracture", "missed", "dislocation", "wrist", "luxation", "jane", "pseudonym", "patient"),
        *(case.accession_number, case.short_name, str(case.pk), case.site.name),
    ):
        assert secret.lower() not in said.replace(link, "").lower(), secret


def test_its_owner_is_told_once_it_opens_and_with_all_clinicians_once_it_is_overdue(missed):
    assert notify_of_call_backs() == 1
    assert told(1) == ["Clara Clinician"]
    missed.refresh_from_db()
    assert missed.next_at == missed.act_by
    assert notify_of_call_backs() == 0
    overdue()
    assert notify_of_call_backs() == 1
    assert told(2) == ["Carl Clinician", "Clara Clinician"]
    assert CallBack.objects.get().next_at is None
    assert notify_of_call_backs() == 0
    assert AuditEntry.objects.filter(verb="callback.notified").count() == 2


def test_a_role_is_told_as_a_whole(missed):
    CallBack.objects.update(owner=None, owner_role=Role.REVIEWER)
    notify_of_call_backs()
    assert told(1) == ["Rita Reviewer"]


def test_a_correction_is_told_again(missed, people):
    notify_of_call_backs()
    correct(review=missed.review, reader=people.reviewer, given=DISLOCATED)
    assert notify_of_call_backs() == 1
    assert told(2) == ["Clara Clinician"]


def test_where_the_owner_gets_no_mail_the_clinicians_do_at_once(missed, people):
    """Somebody who turned mails off, or has left, would let the patient wait until it is overdue."""
    choose_notices(person=people.clinician, by_email=False)
    notify_of_call_backs()
    assert told(1) == ["Carl Clinician"]
    overdue()
    end_membership(membership=people.clinician2.memberships.get(), actor=people.admin)
    notify_of_call_backs()
    assert told(2) == []


def test_whether_it_is_overdue_is_asked_of_one_clock(missed, monkeypatch):
    """A worker whose clock is behind tells the clinicians too: nobody is told again after that."""
    notify_of_call_backs()
    overdue()
    behind = timezone.now() - timedelta(days=9)
    monkeypatch.setattr("django.utils.timezone.now", lambda: behind)
    notify_of_call_backs()
    assert told(2) == ["Carl Clinician", "Clara Clinician"]


def test_one_that_an_older_version_opened_is_told_of_too(missed):
    """It knows nothing of the column: the database fills it in."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE triage_callback SET next_at = DEFAULT, step = DEFAULT")
    assert notify_of_call_backs() == 1


def test_one_that_is_closed_is_told_of_no_more(missed, people, settings, mails):  # noqa: F811
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9  # nobody listens there
    send_notices()
    by = {"actor": people.clinician2, "review_id": missed.review_id, "outcome": "informed"}
    assert close_call_back(call_back=missed, **by).next_at is None
    settings.EMAIL_PORT = port
    Notice.objects.update(next_try_at=F("next_try_at") - timedelta(hours=1))
    assert send_notices() == 0
    assert (Notice.objects.get().state, mails.mails) == (NoticeState.NOT_NEEDED, [])


def test_a_notice_is_about_one_thing(missed, site, people):
    with pytest.raises(IntegrityError, match="about_one_thing"), transaction.atomic():
        Notice.objects.create(site=site, person=people.clinician, step=1)


def test_its_page_says_who_was_notified(missed, people, client, mails):  # noqa: F811
    send_notices()
    client.force_login(people.reviewer)
    page = client.get(reverse("call_back", args=[missed.pk])).content.decode()
    assert "Clara Clinician" in page.split("Who was notified")[1]
    client.force_login(people.clinician)
    own = client.get(reverse("notices")).content.decode()
    assert "Call-back" in own.split("Sent to you")[1]
