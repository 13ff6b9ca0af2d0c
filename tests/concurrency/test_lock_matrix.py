"""Every two acts that lock rows, on the same case and site, in every order that could deadlock.

One act is stopped after each statement that took another kind of lock; the other one then runs until it
ends or waits; then both end. Two acts that take two locks in opposite orders deadlock in one of these
meetings, every time: nothing here depends on luck. A new service that locks rows gets a line in ACTS.

Every two acts meet in the whole form. In the short one each meets itself and six others, always the same.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from accounts.contention import contention
from accounts.models import Site, User
from accounts.refusals import Refused
from accounts.roles import Role
from accounts.services.accounts import change_account
from accounts.services.people import add_person, change_roles, end_membership, restore_membership
from accounts.services.sites import save_site
from accounts.services.tokens import create_api_client
from classifier.call import OperatingPoints
from classifier.facts import DicomFacts, InstanceFacts
from tests.concurrency.meeting import StoppableThread, meet
from tests.factories import (
    incoming,
    make_critical_result,
    make_membership,
    make_prediction,
    make_reading,
    make_release,
    make_site,
    make_user,
)
from triage.inference import queue
from triage.inference.checks import request_check
from triage.inference.releases import activate_release, reassign_left_behind
from triage.inference.services import retry_case, sweep_and_send
from triage.inference.worker.outcomes import Outcome, record_outcomes
from triage.intake import decision
from triage.intake import services as intake
from triage.intake.answer import DecodedImage
from triage.intake.decoded import Decoded, answer_of
from triage.intake.details import CaseDetails
from triage.intake.sweep import sweep_arrivals
from triage.models import (
    CallBack,
    CallBackRule,
    Case,
    CriticalResult,
    DecodeJob,
    Image,
    InterimOpinion,
    Job,
    Notice,
    Redating,
    Release,
    Review,
    WaitRule,
)
from triage.models.call_back import CallBackReason
from triage.models.notice import NoticeState
from triage.points import set_points
from triage.queue import give_back
from triage.reasons import JobError
from triage.report.call_back_notices import notify_of_call_backs
from triage.report.call_back_rules import set_call_back_rules
from triage.report.call_backs import close_call_back, record_attempt
from triage.report.critical_results import acknowledge, notify_due
from triage.report.critical_rules import set_critical_table
from triage.report.notices import send_due
from triage.report.sent import mark_seen
from triage.review import claims, critical_table
from triage.review.drafts import save_draft
from triage.review.first_reading import lock_first_reading
from triage.review.interim import record_interim_opinion
from triage.review.next_case import take_next
from triage.review.opinion import GivenOpinion
from triage.review.priority import change_priority
from triage.review.reading_rules import set_reading_rules
from triage.review.services import correct, sign
from triage.review.skips import skip_case
from triage.review.taking_over import end_claim, take_over
from triage.states import CaseState, JobState
from triage.vocabulary import BodyPart, Priority, Source, Stage
from triage.worklist.query import WorklistQuery
from triage.worklist.redating import redate_chunk
from triage.worklist.wait_rules import set_wait_rules

pytestmark = pytest.mark.usefixtures("committed_db", "storage")


def bare_case(site: Site, sender: User, state: CaseState, **fields: Any) -> Case:
    """A case without files: what meets here are rows."""
    due_at = timezone.now() + timedelta(hours=24)
    place = {"body_part": BodyPart.WRIST, "source": Source.API}
    place |= {"due_at": due_at, "priority_due_at": due_at}
    return Case.objects.create(site=site, sender=sender, state=state, **place, **fields)


def bare_image(case: Case, position: int) -> Image:
    return Image.objects.create(
        case=case,
        site=case.site,
        position=position,
        file_name="wrist.png",
        kind=Image.FileFormat.PNG,
        byte_size=1,
        sha256=f"{position:064x}",
        sop_instance_uid=f"1.2.{position}",
        width=1,
        height=1,
        bits=8,
    )


def bare_job(image: Image, **fields: Any) -> Job:
    release = Release.objects.get(is_active=True)
    return Job.objects.create(
        image=image, release=release, priority=2, **{"attempts_left": 0, **fields}
    )


ORDER = "ORD-1"  # of the case, and of its newer version
# What the decoder says of a picture of one pixel; its files are names alone.
DECODED = Decoded(
    answer_of(DecodedImage("png", 8, 1, 1, "", {}, rendition=b"", display=b"", thumbnail=b"")),
    {"rendition": "r", "display": "d", "thumbnail": "t"},
)


def bare_decode_job(case: Case, position: int = 1, **fields: Any) -> DecodeJob:
    return DecodeJob.objects.create(
        case=case,
        position=position,
        priority=2,
        file_name="wrist.png",
        byte_size=1,
        sha256=f"{position + 100:064x}",
        original=f"arrived/{case.pk}/{position}",
        **fields,
    )


def send_anew(site: Site, sender: User) -> Case:
    """An arriving case that has each instance of ``World.case`` in other bytes, decoded."""
    case = bare_case(site, sender, CaseState.ARRIVING, accession_number=ORDER)
    for position in (1, 2, 3):
        facts = DicomFacts(instance=InstanceFacts(sop_instance_uid=f"1.2.{position}"))
        answer = {**DECODED.answer, "facts": facts.as_json()}
        more = {"answer": answer, "derived": DECODED.derived, "state": JobState.DONE}
        bare_decode_job(case, position, **more)
    return case


@dataclass
class World:
    """A site with one case, whose second picture is being read, and who acts on it."""

    reader: User
    admin: User
    staff: User
    member: User
    site: Site = field(default_factory=make_site)
    case: Case = field(init=False)

    def build(self, state: CaseState, *, claimed: bool, signed: bool) -> None:
        make_membership(self.reader, self.site, Role.REVIEWER)
        make_membership(self.admin, self.site, Role.ADMIN, Role.CLINICIAN)
        self.membership = make_membership(self.member, self.site, Role.REVIEWER)
        lease = timezone.now() + timedelta(minutes=5)
        closed = {"closed_at": timezone.now()} if state == CaseState.REVIEWED else {}
        self.case = bare_case(self.site, self.admin, state, accession_number=ORDER, **closed)
        if claimed:
            make_reading(self.case, self.reader, seconds=300)  # idle: it may be taken over
        read, being_read = bare_image(self.case, 1), bare_image(self.case, 2)
        make_prediction(read, Release.objects.get(is_active=True))
        if state == CaseState.FAILED:
            bare_job(bare_image(self.case, 3), state=JobState.FAILED, error="No.")
        running = {"state": JobState.RUNNING, "attempt": 1, "leased_until": lease}
        self.job = bare_job(being_read, **running)
        if signed:
            self.review = Review.objects.create(
                case=self.case,
                reader=self.reader,
                stage=Stage.SECOND_OPINION,
                fracture="certain",
                classes=["spiral"],
            )
        Redating.objects.create(site=self.site)
        self._send_cases(lease)

    def _send_cases(self, lease: datetime) -> None:
        """A case whose only file is decoded, one whose file is being decoded, and one that was refused."""
        self.arriving = bare_case(self.site, self.admin, CaseState.ARRIVING)
        bare_decode_job(self.arriving, state=JobState.DONE, **vars(DECODED))
        being_decoded = bare_case(self.site, self.admin, CaseState.ARRIVING)
        running = {"state": JobState.RUNNING, "attempt": 1, "leased_until": lease}
        self.decode_job = bare_decode_job(being_decoded, **running)
        refusal = {"code": "intake_refused", "params": {"tags": [], "fields": []}}
        ended = {"closed_at": timezone.now(), "refusal": refusal}
        self.refused = bare_case(self.site, self.admin, CaseState.REFUSED, **ended)

    def think(self) -> None:
        said = {"interim_fracture": "none", "treated_as": "soft_tissue"}
        interim = InterimOpinion.objects.create(case=self.case, author=self.admin, **said)
        if hasattr(self, "review"):
            self.call_back = CallBack.objects.create(
                case=self.case,
                site=self.site,
                review=self.review,
                interim=interim,
                reason="fracture_missed",
                owner=self.admin,
                act_by=timezone.now() + timedelta(hours=4),
                next_at=timezone.now(),
            )
            self.critical = make_critical_result(self.case)
            Notice.objects.create(
                critical_result=self.critical, site=self.site, person=self.admin, step=0
            )

    def clear(self) -> None:
        """Leaves the queue empty and the releases usable for the next meeting."""
        Release.objects.exclude(check_due_at=None).update(check_due_at=None)
        waiting = Notice.objects.filter(state=NoticeState.WAITING)
        waiting.update(state=NoticeState.NOT_NEEDED, claimed_until=None)
        CriticalResult.objects.waiting().update(next_at=timezone.now() + timedelta(days=1))
        CallBack.objects.going_on().update(next_at=None)
        for jobs in (Job.objects, DecodeJob.objects):
            jobs.exclude(state__in=[JobState.DONE, JobState.FAILED]).update(
                state=JobState.DONE, leased_until=None
            )


Step = Callable[[World], Any]


@dataclass(frozen=True)
class Service:
    """A call of a service, and the world in which it succeeds when it is alone."""

    act: Step
    state: CaseState = CaseState.RECEIVED
    claimed: bool = False
    expired: bool = False
    queued: bool = False
    anew: bool = False  # the case's pictures come in other bytes
    thought: bool = (
        False  # the clinic thought that nothing was broken; once signed, that is called back
    )
    blind: bool = False  # the case is read blind first
    elsewhere: bool = False  # a job waits for a release that is not active


def arrive(world: World) -> Any:
    file = incoming()
    return intake.arrive_case(
        sender=world.admin,
        site=world.site,
        files=[file],
        details=CaseDetails(body_part=BodyPart.WRIST),
        source=Source.API,
    )


def new_rules() -> list[WaitRule]:
    return [WaitRule(priority=priority, minutes=90 + priority) for priority in Priority.values]


def other_rules() -> list[CallBackRule]:
    return [CallBackRule(reason=reason, owner="clinician", minutes=7) for reason in CallBackReason]


def with_other_points(world: World) -> Any:
    return set_points(
        site=world.site,
        release=Release.objects.get(is_active=True),
        points=OperatingPoints(0.2, 0.6),
        reason="Few are broken here",
        actor=world.admin,
    )


def with_another_slug(world: World) -> Any:
    site = Site.objects.get(pk=world.site.pk)
    site.slug = f"{site.slug}-x"
    return save_site(site=site, actor=world.staff)


def other_release(world: World) -> Any:
    return activate_release(Release.objects.filter(is_active=False).latest("registered_at"))


ACTS: dict[str, Service] = {
    "sign": Service(lambda w: sign(case=w.case, reader=w.reader, given=GivenOpinion("none"))),
    "lock_first_reading": Service(
        lambda w: lock_first_reading(case=w.case, reader=w.reader, given=GivenOpinion("none")),
        blind=True,
    ),
    "correct": Service(
        lambda w: correct(review=w.review, reader=w.reader, given=GivenOpinion("none")),
        state=CaseState.REVIEWED,
    ),
    "sign_what_was_missed": Service(
        lambda w: sign(case=w.case, reader=w.reader, given=GivenOpinion("certain", ("spiral",))),
        thought=True,
    ),
    "correct_what_was_missed": Service(
        lambda w: correct(
            review=w.review,
            reader=w.reader,
            given=GivenOpinion("certain", ("fracture_dislocation",)),
        ),
        state=CaseState.REVIEWED,
        thought=True,
    ),
    "record_interim_opinion": Service(
        lambda w: record_interim_opinion(
            case=w.case, author=w.admin, interim_fracture="unsure", treated_as="not_treated"
        )
    ),
    "record_attempt": Service(
        lambda w: record_attempt(call_back=w.call_back, actor=w.admin, outcome="reached"),
        state=CaseState.REVIEWED,
        thought=True,
    ),
    "close_call_back": Service(
        lambda w: close_call_back(
            call_back=w.call_back,
            actor=w.admin,
            review_id=w.call_back.review_id,
            outcome="informed",
        ),
        state=CaseState.REVIEWED,
        thought=True,
    ),
    "sign_what_is_critical": Service(
        lambda w: sign(case=w.case, reader=w.reader, given=GivenOpinion("none"), critical=True)
    ),
    "acknowledge": Service(
        lambda w: acknowledge(result=w.critical, actor=w.admin, review_id=w.critical.review_id),
        state=CaseState.REVIEWED,
        thought=True,
    ),
    "notify_due": Service(lambda w: notify_due(), state=CaseState.REVIEWED, thought=True),
    "notify_of_call_backs": Service(
        lambda w: notify_of_call_backs(), state=CaseState.REVIEWED, thought=True
    ),
    "send_due": Service(lambda w: send_due(), state=CaseState.REVIEWED, thought=True),
    "mark_seen": Service(lambda w: mark_seen(w.admin, [w.review.pk]), state=CaseState.REVIEWED),
    "set_critical_table": Service(
        lambda w: set_critical_table(
            site=w.site, rules=[], steps=[critical_table.Step("clinician", 7)], actor=w.admin
        )
    ),
    "set_call_back_rules": Service(
        lambda w: set_call_back_rules(site=w.site, rules=other_rules(), actor=w.admin)
    ),
    "claim": Service(lambda w: claims.claim(case=w.case, reader=w.reader)),
    "take_next": Service(lambda w: take_next(reader=w.reader, query=WorklistQuery())),
    "take_over": Service(
        lambda w: take_over(case=w.case, reader=w.member, reason="Gone"), claimed=True
    ),
    "end_claim": Service(
        lambda w: end_claim(case=w.case, actor=w.admin, reason="Gone"), claimed=True
    ),
    "change_priority": Service(
        lambda w: change_priority(case=w.case, actor=w.admin, priority=Priority.STAT, reason="Seen")
    ),
    "skip_case": Service(lambda w: skip_case(case=w.case, reader=w.reader, reason="Hard")),
    "renew": Service(lambda w: claims.renew(case=w.case, reader=w.reader), claimed=True),
    "release": Service(
        lambda w: claims.give_back_claim(case=w.case, reader=w.reader), claimed=True
    ),
    "save_draft": Service(
        lambda w: save_draft(case=w.case, reader=w.reader, content={"comment": "Clear."})
    ),
    "withdraw": Service(
        lambda w: intake.withdraw_case(case=w.case, actor=w.reader, reason="Wrong patient")
    ),
    "retry": Service(lambda w: retry_case(case=w.case, actor=w.reader), state=CaseState.FAILED),
    "record_outcomes": Service(
        lambda w: record_outcomes([Outcome(w.job, error=JobError.UNREADABLE, detail="")])
    ),
    "give_back": Service(lambda w: give_back([w.job])),
    "claim_jobs": Service(lambda w: queue.claim_jobs(), queued=True),
    "sweep": Service(lambda w: sweep_and_send(), expired=True),
    "activate_release": Service(other_release, queued=True),
    "reassign_left_behind": Service(lambda w: reassign_left_behind(), elsewhere=True),
    "request_check": Service(lambda w: request_check(Release.objects.get(is_active=True))),
    "arrive_case": Service(arrive),
    "conclude": Service(lambda w: decision._conclude(w.arriving.pk)),
    "conclude_newer_version": Service(
        lambda w: decision._conclude(w.newer.pk), claimed=True, anew=True
    ),
    "sweep_arrivals": Service(lambda w: sweep_arrivals(), expired=True),
    "dismiss_case": Service(lambda w: intake.dismiss_case(case=w.refused, actor=w.admin)),
    "set_wait_rules": Service(
        lambda w: set_wait_rules(site=w.site, rules=new_rules(), actor=w.admin)
    ),
    "set_reading_rules": Service(
        lambda w: set_reading_rules(site=w.site, blind_percent=30, actor=w.admin)
    ),
    "set_points": Service(with_other_points),
    "redate": Service(lambda w: redate_chunk(Redating.objects.filter(site=w.site).first().pk)),
    "add_person": Service(
        lambda w: add_person(
            site=w.site,
            email=f"{w.site.slug}@example.org",
            name="Nina New",
            roles=[Role.REVIEWER],
            actor=w.admin,
        )
    ),
    "change_roles": Service(
        lambda w: change_roles(
            membership=w.membership, roles=[Role.CLINICIAN, Role.REVIEWER], actor=w.admin
        )
    ),
    "end_membership": Service(lambda w: end_membership(membership=w.membership, actor=w.admin)),
    "restore_membership": Service(
        lambda w: restore_membership(membership=w.membership, actor=w.admin)
    ),
    "create_api_client": Service(
        lambda w: create_api_client(site=w.site, name="PACS", actor=w.admin)
    ),
    "save_site": Service(with_another_slug),
    "change_account": Service(
        lambda w: change_account(
            account=w.member, changes={"email": f"m-{w.site.slug}@example.org"}, actor=w.staff
        )
    ),
}


@pytest.fixture
def people(committed_db):
    make_release(active=False)
    make_release()
    return {
        "reader": make_user(name="Rita Reader"),
        "admin": make_user(name="Ada Admin"),
        "staff": make_user(name="Stefan Staff", is_staff=True, is_superuser=True),
        "member": make_user(name="Mia Member"),
    }


def world_for(people: dict[str, User], *services: Service) -> World:
    states = {service.state for service in services} - {CaseState.RECEIVED}
    world = World(**people)
    world.build(
        min(states, default=CaseState.RECEIVED),
        claimed=any(service.claimed for service in services),
        signed=CaseState.REVIEWED in states,
    )
    if any(service.thought for service in services):
        world.think()
    if any(service.blind for service in services):
        Case.objects.filter(pk=world.case.pk).update(is_blind=True)
    if any(service.anew for service in services):
        world.newer = send_anew(world.site, world.admin)
    if any(service.expired for service in services):
        Job.objects.filter(pk=world.job.pk).update(leased_until=timezone.now())
        DecodeJob.objects.filter(pk=world.decode_job.pk).update(leased_until=timezone.now())
    if any(service.queued or service.elsewhere for service in services):
        case = bare_case(world.site, world.admin, CaseState.RECEIVED)
        job = bare_job(bare_image(case, 1), attempts_left=3)
        if any(service.elsewhere for service in services):
            Job.objects.filter(pk=job.pk).update(release=Release.objects.exclude(is_active=True)[0])
    return world


@pytest.fixture
def stops(people) -> dict[str, list[str]]:
    """Name of a service → the statements of it that take another kind of lock. Alone, each act succeeds."""
    found = {}
    for name, service in ACTS.items():
        world = world_for(people, service)
        act = StoppableThread(lambda service=service, world=world: service.act(world))
        act.start()
        act.finish()
        world.clear()
        assert act.error is None, (name, act.error)
        assert act.stops, f"{name} takes no lock: it needs no line here"
        found[name] = act.stops
    return found


def pairs(whole: bool) -> list[tuple[str, str]]:
    """The acts that meet. In the short form: those 0 and 4 places apart in the circle of ACTS."""
    if whole:
        return list(itertools.combinations_with_replacement(ACTS, 2))
    names = list(ACTS)
    return [
        (name, names[(at + far) % len(names)]) for far in (0, 4) for at, name in enumerate(names)
    ]


def test_every_two_acts_meet_without_a_deadlock(people, stops, whole_form):
    """Of two acts the one with fewer stops is stopped: a deadlock needs both, so either order shows it."""
    for one, other in pairs(whole_form):
        stopped, free = sorted([one, other], key=lambda name: len(stops[name]))
        for number, statement in enumerate(stops[stopped]):
            world = world_for(people, ACTS[stopped], ACTS[free])
            first = StoppableThread(partial(ACTS[stopped].act, world), stop_after=number)
            second = StoppableThread(partial(ACTS[free].act, world))
            meet(first, second)
            world.clear()
            for error in (first.error, second.error):
                where = f"{stopped}, stopped after {statement}, and {free}: {error!r}"
                assert contention(error) is None, where
                assert error is None or isinstance(error, Refused), where
