"""What a person or a worker does to bring an act about."""

from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from accounts.acts import Act
from accounts.models import AuditEntry, Membership, Site, User
from accounts.services import accounts
from tests.factories import (
    PASSWORD,
    incoming,
    make_case,
    make_prediction,
    make_release,
    receive_case,
)
from tests.pictures import dicom
from triage.inference import case_update, checks, services
from triage.intake import services as intake
from triage.intake.details import CaseDetails
from triage.intake.waiting import await_decision
from triage.models import CallBackRule, Case, Image, Job, WaitRule
from triage.models.call_back import CallBackReason
from triage.review import services as reviews
from triage.review.opinion import GivenOpinion
from triage.states import CaseState, JobState, ReleaseState
from triage.vocabulary import BodyPart, Priority, Sex, Source

PLANTED = {
    "accession_number": "ACC-PLANTED-1",
    "patient_reference": "PSEUDONYM-PLANTED-2",
    "clinical_question": "Planted 3: Jane Doe fell",
}
SAID = "Planted 4: old fracture of Jane Doe"


def account(c: Any) -> User:
    return accounts.make_account(
        account=User(email="nina@example.org", name="Nina"), actor=c.people.staff
    )


def member(c: Any) -> Membership:
    return c.people.reviewer.memberships.get()


def lead(c: Any) -> User:
    """The site's reviewer, who manages it too."""
    Membership.objects.filter(user=c.people.reviewer).update(roles=["admin", "reviewer"])
    return c.people.reviewer


def client_member(c: Any) -> Membership:
    return c.people.service.memberships.get()


def token_key(c: Any) -> str:
    return AuthToken.objects.create(c.people.service)[0].token_key


def sign_in(c: Any) -> Client:
    client = Client()
    given = {"login": c.people.reviewer.email, "password": PASSWORD}
    client.post(reverse("account_login"), given)
    return client


def signed(c: Any) -> Any:
    return reviews.sign(
        case=c.case, reader=c.people.reviewer, given=GivenOpinion("none", comment=SAID)
    )


def case_with_job(c: Any, case_state: str, job_state: str) -> Case:
    case = make_case(c.site, c.people.clinician, case_state)
    error = "No." if job_state == JobState.FAILED else ""
    Job.objects.filter(image__case=case).update(state=job_state, error=error)
    return case


def received(c: Any) -> None:
    details = CaseDetails(body_part=BodyPart.WRIST, sex=Sex.FEMALE, **PLANTED)
    receive_case(
        sender=c.people.clinician,
        site=c.site,
        files=[incoming("jane-doe-planted.png")],
        details=details,
        source=Source.API,
    )


def sent_film(c: Any, exporter: str = "first") -> None:
    """The same instance each time, in bytes that the exporter changes."""
    header = {"Manufacturer": exporter, "StudyInstanceUID": "1.2.3"}
    receive_case(
        sender=c.people.clinician,
        site=c.site,
        files=[incoming("jane-doe-planted.dcm", dicom(**header))],
        details=CaseDetails(body_part=BodyPart.WRIST, **PLANTED),
        source=Source.API,
    )


def refused(c: Any) -> Case:
    """A case whose only file is no picture."""
    letter = incoming("jane-doe-planted.png", b"Planted 5: Jane Doe")
    sent = {"sender": c.people.clinician, "site": c.site, "files": [letter], "source": Source.API}
    case = intake.arrive_case(details=CaseDetails(body_part=BodyPart.WRIST, **PLANTED), **sent)
    return await_decision(case, 60)


def read(c: Any) -> None:
    case = make_case(c.site, c.people.clinician, CaseState.RECEIVED)
    Job.objects.filter(image__case=case).delete()
    make_prediction(Image.objects.get(case=case), c.release)
    case_update.update_cases([case.pk])


def predict(c: Any, image: Image, **finding: Any) -> None:
    """A worker's result for one picture, and what follows for its case."""
    Job.objects.filter(image=image).delete()
    make_prediction(image, c.release, **finding)
    case_update.update_cases([image.case_id])


NEGATIVE = {"call": "negative", "fracture_probability": 0.04}


def case_read_in_part(c: Any) -> Image:
    """A case of three pictures, of which the first shows no fracture. Returns the second, not read yet."""
    case = make_case(c.site, c.people.clinician, CaseState.RECEIVED, images=3)
    first, second, _third = Image.objects.filter(case=case).order_by("position")
    predict(c, first, **NEGATIVE)
    return second


def job_ended(c: Any, case_state: str, job_state: str) -> None:
    case_update.update_cases([case_with_job(c, case_state, job_state).pk])


def retried(c: Any) -> None:
    case = case_with_job(c, CaseState.FAILED, JobState.FAILED)
    services.retry_case(case=case, actor=c.people.clinician)


def corrected(c: Any, signed: Any) -> None:
    reviews.correct(
        review=signed,
        reader=c.people.reviewer,
        given=GivenOpinion("not_assessable", comment=SAID + "!"),
    )


def other_rules() -> list[CallBackRule]:
    return [CallBackRule(reason=reason, owner="clinician", minutes=7) for reason in CallBackReason]


def due(tries: int = 3) -> checks.Check:
    make_release(
        active=False,
        state=ReleaseState.CHECKING,
        check_due_at="2026-01-01T00:00Z",
        checks_left=tries,
    )
    found = checks.claim_check()
    assert found
    return found


def rules() -> list[WaitRule]:
    return [WaitRule(priority=priority, minutes=90 + priority) for priority in Priority.values]


def other_name(c: Any) -> Site:
    c.site.name = "Another name"
    return c.site


def changed_password(user: User) -> None:
    user.set_password("an entirely different one 7")
    user.save()


def prepared(c: Any, made: Any, then: Any) -> Any:
    """``then`` of what was made before, so that the making isn't counted."""
    thing = made(c)
    return lambda: then(thing)


@dataclass(frozen=True)
class Done:
    """What was emitted while something was done."""

    entries: list[AuditEntry]

    def only(self, act: Act) -> AuditEntry:
        found = [entry for entry in self.entries if entry.act is act]
        assert len(found) == 1, [entry.verb for entry in self.entries]
        return found[0]


def doing(act: Any) -> Done:
    last = AuditEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    act()
    return Done(list(AuditEntry.objects.filter(id__gt=last).order_by("id")))
