"""Every act emits exactly one event, which says before and after; and no patient's data is in any."""

import importlib
import inspect
import json
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from allauth.core import context
from django.db import connection
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from accounts.acts import NOTHING_CHANGED, OLD_WORDS, Act, act_of
from accounts.models import AuditEntry, Membership, OutboxMessage, Site, User
from accounts.roles import Role
from accounts.services import accounts, people, sites, tokens
from accounts.services.events import emit
from classifier.call import OperatingPoints
from classifier.release import default_release_path
from demo.people import make_people as make_demo
from tests.factories import PASSWORD, make_case, make_prediction, make_release, picture_bytes
from triage import points
from triage.inference import checks, releases, services, settle
from triage.intake import services as intake
from triage.intake.details import CaseDetails
from triage.models import Case, Image, Job, WaitRule
from triage.report.training_set import export_training_set
from triage.review import claims
from triage.review import services as reviews
from triage.states import Activation, CaseState, JobState, ReleaseState
from triage.vocabulary import BodyPart, Opinion, Priority, Sex, Source
from triage.worklist.redating import redate_chunk, request_redating
from triage.worklist.wait_rules import set_wait_rules

QUIET = "no event: "  # how a reason begins

# Every public function of a module that changes something → its acts, or why it has none of its own.
SERVICES: dict[str, dict[str, set[Act] | str]] = {
    "accounts.services.accounts": {
        "make_account": {Act.USER_CREATED},
        "change_account": {Act.USER_CHANGED},
    },
    "accounts.services.people": {
        "add_person": {Act.MEMBERSHIP_ADDED},
        "add_member": {Act.MEMBERSHIP_ADDED},
        "change_roles": {Act.MEMBERSHIP_ROLES_CHANGED},
        "end_membership": {Act.MEMBERSHIP_ENDED},
        "restore_membership": {Act.MEMBERSHIP_RESTORED},
        "keep_an_admin": QUIET + "it only looks",
    },
    "accounts.services.passwords": {
        "end_old_password": {Act.PASSWORD_CHANGED},
        "record_sign_in": {Act.SIGNED_IN},
        "record_sign_out": {Act.SIGNED_OUT},
    },
    "accounts.services.sites": {"save_site": {Act.SITE_CREATED, Act.SITE_CHANGED}},
    "accounts.services.tokens": {
        "create_api_client": {Act.CLIENT_CREATED},
        "create_token": {Act.TOKEN_CREATED},
        "revoke_token": {Act.TOKEN_REVOKED},
        "revoke_any_token": {Act.TOKEN_REVOKED},
        "end_all_tokens": {Act.TOKENS_REVOKED},
    },
    "accounts.services.tries": {
        "guarded": {Act.PASSWORD_WRONG},
        "find_person": QUIET + "it only looks",
        "forget_tries": QUIET + "a part of the password change",
    },
    "accounts.services.outbox": {
        "claim": QUIET + "the delivery of events is no event",
        "mark_delivered": QUIET + "the delivery of events is no event",
        "prune": QUIET + "the delivery of events is no event",
    },
    "triage.points": {
        "set_points": {Act.POINTS_CHANGED},
        "put_back": {Act.POINTS_CHANGED},
        "points_in_force": QUIET + "it only looks",
        "release_in_use": QUIET + "it only looks",
        "newest_number": QUIET + "it only looks",
    },
    "triage.review.claims": {
        "claim": {Act.CASE_CLAIMED},
        "release": {Act.CASE_RELEASED},
        "renew": QUIET + "the claim goes on; one a minute and reader would drown the rest",
        "take": QUIET + "a part of claim, renew and sign",
        "clear": QUIET + "a part of release, sign and withdraw_case",
        "locked": QUIET + "it only looks",
        "refusal_to_sign": QUIET + "it only looks",
    },
    "triage.review.services": {"sign": {Act.REVIEW_SIGNED}, "correct": {Act.REVIEW_CORRECTED}},
    "triage.worklist.wait_rules": {"set_wait_rules": {Act.WAITS_CHANGED}},
    "triage.worklist.redating": {
        "redate_chunk": {Act.CASES_REDATED},
        "redate": {Act.CASES_REDATED},
        "request_redating": QUIET + "a part of set_wait_rules",
        "wake": QUIET + "it only sends a message",
    },
    "triage.inference.settle": {
        "settle_cases": {Act.CASE_PREDICTED, Act.CASE_FAILED, Act.CASE_REQUEUED}
    },
    "triage.inference.services": {
        "retry_case": {Act.CASE_RETRIED},
        "queue_case": QUIET + "a part of receive_case",
        "sweep_and_ring": QUIET + "what it changes is an event of settle_cases or of the checks",
    },
    "triage.inference.releases": {
        "register_release": {Act.RELEASE_REGISTERED},
        "activate_release": {Act.RELEASE_ACTIVATED},
        "gather_strays": QUIET + "its cases' changes are events of settle_cases",
        "queue_forgotten_images": QUIET + "the cases wait as they did before",
        "active_release": QUIET + "it only looks",
        "release_folder": QUIET + "it only looks",
        "all_locked": QUIET + "it only looks",
    },
    "triage.inference.checks": {
        "ask_for_check": {Act.RELEASE_CHECK_REQUESTED},
        "take_up": {Act.RELEASE_WISHED},
        "pass_check": {Act.RELEASE_USABLE},
        "fail_check": {Act.RELEASE_SET_ASIDE},
        "doubt": {Act.RELEASE_SET_ASIDE},
        "claim_check": QUIET + "a worker takes up what was asked for",
        "give_back": QUIET + "a worker puts back what it took",
        "sweep_checks": {Act.RELEASE_SET_ASIDE},
    },
    "triage.intake.services": {
        "receive_case": {Act.CASE_RECEIVED},
        "withdraw_case": {Act.CASE_WITHDRAWN},
        "require_sender": QUIET + "it only looks",
        "check_number": QUIET + "it only looks",
        "summary": QUIET + "it only looks",
    },
    "triage.report.training_set": {"export_training_set": {Act.REVIEWS_EXPORTED}},
    "demo.people": {"make_people": {Act.DEMO_CREATED}},
}
#: Acts whose event is emitted outside a module of services, and where.
ELSEWHERE = {Act.REAUTHENTICATED: "accounts.adapter"}

PLANTED = {
    "accession_number": "ACC-PLANTED-1",
    "patient_reference": "PSEUDONYM-PLANTED-2",
    "clinical_question": "Planted 3: Jane Doe fell",
}
SAID = "Planted 4: old fracture of Jane Doe"


@pytest.fixture
def clinic(site, other_site, people, storage):
    """A site with an active release; the case in ``case`` has planted words in every field of a person."""
    release = make_release()
    case = make_case(site, people.clinician, CaseState.PREDICTED, sex=Sex.OTHER, **PLANTED)
    return SimpleNamespace(site=site, people=people, release=release, case=case)


def public(module: ModuleType) -> set[str]:
    return {
        name
        for name, value in vars(module).items()
        if inspect.isfunction(inspect.unwrap(value) if callable(value) else value)
        and value.__module__ == module.__name__
        and not name.startswith("_")
    }


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_says_which_events_it_emits(name):
    listed = SERVICES[name]
    assert public(importlib.import_module(name)) == set(listed), (
        "Say its act in SERVICES, or why not."
    )
    reasons = [text for text in listed.values() if isinstance(text, str)]
    assert all(text.startswith(QUIET) and len(text) > len(QUIET) + 10 for text in reasons)


def test_every_act_belongs_to_a_service():
    listed = [acts for functions in SERVICES.values() for acts in functions.values()]
    acts = set().union(*(entry for entry in listed if isinstance(entry, set)), ELSEWHERE)
    assert acts == set(Act)


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


# --- What brings each act about -----------------------------------------------------------------


def _account(c: Any) -> User:
    return accounts.make_account(
        account=User(email="nina@example.org", name="Nina"), actor=c.people.staff
    )


def _member(c: Any) -> Membership:
    return c.people.reviewer.memberships.get()


def _client_member(c: Any) -> Membership:
    return c.people.service.memberships.get()


def _token_key(c: Any) -> str:
    return AuthToken.objects.create(c.people.service)[0].token_key


def _sign_in(c: Any) -> Client:
    client = Client()
    given = {"login": c.people.reviewer.email, "password": PASSWORD}
    client.post(reverse("account_login"), given)
    return client


def _signed(c: Any) -> Any:
    return reviews.sign(
        case=c.case, reader=c.people.reviewer, opinion=Opinion.NO_FRACTURE, comment=SAID
    )


def _case_with_job(c: Any, case_state: str, job_state: str) -> Case:
    case = make_case(c.site, c.people.clinician, case_state)
    error = "No." if job_state == JobState.FAILED else ""
    Job.objects.filter(image__case=case).update(state=job_state, error=error)
    return case


def _received(c: Any) -> None:
    details = CaseDetails(body_part=BodyPart.WRIST, sex=Sex.FEMALE, **PLANTED)
    intake.receive_case(
        sender=c.people.clinician,
        site=c.site,
        files=[intake.IncomingFile("jane-doe-planted.png", picture_bytes())],
        details=details,
        source=Source.API,
    )


def _read(c: Any) -> None:
    case = make_case(c.site, c.people.clinician, CaseState.RECEIVED)
    Job.objects.filter(image__case=case).delete()
    make_prediction(Image.objects.get(case=case), c.release)
    settle.settle_cases([case.pk])


def _settled(c: Any, case_state: str, job_state: str) -> None:
    settle.settle_cases([_case_with_job(c, case_state, job_state).pk])


def _retried(c: Any) -> None:
    case = _case_with_job(c, CaseState.FAILED, JobState.FAILED)
    services.retry_case(case=case, actor=c.people.clinician)


def _corrected(c: Any, signed: Any) -> None:
    reviews.correct(
        review=signed, reader=c.people.reviewer, opinion=Opinion.NOT_ASSESSABLE, comment=SAID + "!"
    )


def _due(tries: int = 3) -> checks.Check:
    make_release(
        active=False,
        state=ReleaseState.CHECKING,
        check_due_at="2026-01-01T00:00Z",
        checks_left=tries,
    )
    found = checks.claim_check()
    assert found
    return found


def _rules() -> list[WaitRule]:
    return [WaitRule(priority=priority, minutes=90 + priority) for priority in Priority.values]


def _other_name(c: Any) -> Site:
    c.site.name = "Another name"
    return c.site


def _changed_password(user: User) -> None:
    user.set_password("an entirely different one 7")
    user.save()


def _prepared(c: Any, made: Any, then: Any) -> Any:
    """``then`` of what was made before, so that the making isn't counted."""
    thing = made(c)
    return lambda: then(thing)


WALK: dict[Act, Any] = {
    Act.USER_CREATED: lambda c: lambda: _account(c),
    Act.USER_CHANGED: lambda c: (
        lambda: accounts.change_account(
            account=c.people.reviewer, changes={"name": "Rita R."}, actor=c.people.staff
        )
    ),
    Act.PASSWORD_CHANGED: lambda c: lambda: _changed_password(c.people.reviewer),
    Act.PASSWORD_WRONG: lambda c: (
        lambda: Client().post(
            reverse("account_login"), {"login": c.people.reviewer.email, "password": "wrong"}
        )
    ),
    Act.SIGNED_IN: lambda c: lambda: _sign_in(c),
    Act.SIGNED_OUT: lambda c: _prepared(
        c, _sign_in, lambda client: client.post(reverse("account_logout"))
    ),
    Act.REAUTHENTICATED: lambda c: _prepared(
        c,
        _sign_in,
        lambda client: client.post(reverse("account_reauthenticate"), {"password": PASSWORD}),
    ),
    Act.SITE_CREATED: lambda c: (
        lambda: sites.save_site(site=Site(name="West", slug="west"), actor=c.people.staff)
    ),
    Act.SITE_CHANGED: lambda c: lambda: sites.save_site(site=_other_name(c), actor=c.people.staff),
    Act.MEMBERSHIP_ADDED: lambda c: (
        lambda: people.add_person(
            site=c.site, email="n@example.org", name="N", roles=["reviewer"], actor=c.people.admin
        )
    ),
    Act.MEMBERSHIP_ROLES_CHANGED: lambda c: (
        lambda: people.change_roles(
            membership=_member(c), roles=[Role.CLINICIAN], actor=c.people.admin
        )
    ),
    Act.MEMBERSHIP_ENDED: lambda c: (
        lambda: people.end_membership(membership=_member(c), actor=c.people.admin)
    ),
    Act.MEMBERSHIP_RESTORED: lambda c: _prepared(
        c,
        lambda c: people.end_membership(membership=_member(c), actor=c.people.admin),
        lambda ended: people.restore_membership(membership=ended, actor=c.people.admin),
    ),
    Act.CLIENT_CREATED: lambda c: (
        lambda: tokens.create_api_client(site=c.site, name="PACS", actor=c.people.admin)
    ),
    Act.TOKEN_CREATED: lambda c: (
        lambda: tokens.create_token(membership=_client_member(c), actor=c.people.admin)
    ),
    Act.TOKEN_REVOKED: lambda c: _prepared(
        c,
        _token_key,
        lambda key: tokens.revoke_token(
            membership=_client_member(c), token_key=key, actor=c.people.admin
        ),
    ),
    Act.TOKENS_REVOKED: lambda c: _prepared(
        c, _token_key, lambda _key: tokens.end_all_tokens(c.people.service)
    ),
    Act.CASE_RECEIVED: lambda c: lambda: _received(c),
    Act.CASE_PREDICTED: lambda c: lambda: _read(c),
    Act.CASE_FAILED: lambda c: lambda: _settled(c, CaseState.RECEIVED, JobState.FAILED),
    Act.CASE_REQUEUED: lambda c: lambda: _settled(c, CaseState.FAILED, JobState.QUEUED),
    Act.CASE_RETRIED: lambda c: lambda: _retried(c),
    Act.CASE_CLAIMED: lambda c: lambda: claims.claim(case=c.case, reader=c.people.reviewer),
    Act.CASE_RELEASED: lambda c: _prepared(
        c,
        lambda c: claims.claim(case=c.case, reader=c.people.reviewer),
        lambda case: claims.release(case=case, reader=c.people.reviewer),
    ),
    Act.CASE_WITHDRAWN: lambda c: (
        lambda: intake.withdraw_case(case=c.case, actor=c.people.clinician, reason=SAID)
    ),
    Act.REVIEW_SIGNED: lambda c: lambda: _signed(c),
    Act.REVIEW_CORRECTED: lambda c: _prepared(c, _signed, lambda signed: _corrected(c, signed)),
    Act.REVIEWS_EXPORTED: lambda c: _prepared(
        c,
        _signed,
        lambda _signed: export_training_set(folder=c.folder, site=c.site, actor=c.people.admin),
    ),
    Act.WAITS_CHANGED: lambda c: (
        lambda: set_wait_rules(site=c.site, rules=_rules(), actor=c.people.admin)
    ),
    Act.CASES_REDATED: lambda c: lambda: redate_chunk(request_redating(c.site).pk),
    Act.POINTS_CHANGED: lambda c: (
        lambda: points.set_points(
            site=c.site,
            release=c.release,
            points=OperatingPoints(0.2, 0.6),
            reason="Few are broken here",
            actor=c.people.admin,
        )
    ),
    Act.RELEASE_REGISTERED: lambda c: lambda: releases.register_release(default_release_path()),
    Act.RELEASE_WISHED: lambda c: _prepared(
        c,
        lambda c: _due().release,
        lambda release: checks.take_up(release, Activation.ALWAYS, actor=c.people.staff),
    ),
    Act.RELEASE_CHECK_REQUESTED: lambda c: (
        lambda: checks.ask_for_check(c.release, actor=c.people.staff)
    ),
    Act.RELEASE_USABLE: lambda c: _prepared(c, lambda c: _due(), checks.pass_check),
    Act.RELEASE_SET_ASIDE: lambda c: _prepared(
        c, lambda c: _due(tries=1), lambda check: checks.fail_check(check, checks.STOPPED)
    ),
    Act.RELEASE_ACTIVATED: lambda c: _prepared(
        c,
        lambda c: make_release(active=False),
        lambda release: releases.activate_release(release, actor=c.people.staff),
    ),
    Act.DEMO_CREATED: lambda c: lambda: make_demo(),
}


def test_every_act_is_walked():
    assert set(WALK) == set(Act)


@pytest.mark.parametrize("act", Act, ids=str)
def test_an_act_emits_one_event_with_before_and_after(act, clinic, tmp_path):
    clinic.folder = tmp_path / "export"
    begin = WALK[act](clinic)
    done = doing(begin)
    entry = done.only(act)
    assert OutboxMessage.objects.filter(
        entry__in=[each.pk for each in done.entries]
    ).count() == len(done.entries)
    told = entry.detail
    if act in NOTHING_CHANGED:
        assert not {"before", "after", "untold"} & set(told)
    else:
        assert isinstance(told["before"], dict) and isinstance(told["after"], dict)
        assert told["before"] != told["after"] or told["untold"]
    everything = json.dumps(list(AuditEntry.objects.values_list("detail", flat=True))).lower()
    for planted in ("planted", "jane", PASSWORD, "different one", "no_fracture"):
        assert planted not in everything


def test_the_names_of_a_patients_fields_are_told(clinic):
    entry = doing(lambda: _received(clinic)).only(Act.CASE_RECEIVED)
    assert entry.detail["untold"] == sorted({*PLANTED, "body_part", "sex"})
    entry = doing(lambda: _signed(clinic)).only(Act.REVIEW_SIGNED)
    assert entry.detail["untold"] == ["comment", "opinion"]


def test_emit_refuses_to_tell_a_patients_data_or_nothing_at_all(clinic):
    case, common = clinic.case, {"actor": None, "site": clinic.site}
    for change in (
        {"before": {"patient_reference": "a"}, "after": {}},
        {"before": {}, "after": {"clinical_question": "b"}},
        {"before": {}, "after": {}, "accession_number": "c"},
        {"before": {}, "after": {"password": "d"}},
    ):
        with pytest.raises(ValueError, match="would tell"):
            emit(Act.CASE_RECEIVED, case, **common, **change)
    with pytest.raises(ValueError, match="before and after"):
        emit(Act.CASE_RECEIVED, case, **common)
    with pytest.raises(ValueError, match="changes nothing"):
        emit(Act.SIGNED_IN, case, **common, before={}, after={})


def test_what_changes_nothing_emits_nothing(clinic):
    member = _member(clinic)
    same = [
        lambda: people.restore_membership(membership=member, actor=clinic.people.admin),
        lambda: people.change_roles(
            membership=member, roles=member.roles, actor=clinic.people.admin
        ),
        lambda: sites.save_site(site=clinic.site, actor=clinic.people.staff),
        lambda: accounts.change_account(
            account=clinic.people.reviewer, changes={}, actor=clinic.people.staff
        ),
    ]
    assert [doing(act).entries for act in same] == [[], [], [], []]


def test_an_old_word_means_its_act_and_stays_what_it_is(clinic):
    for word, act in OLD_WORDS.items():
        assert word not in Act.values
        AuditEntry.objects.create(verb=word, subject_type="x", subject_id="1", actor=None)
        entry = AuditEntry.objects.get(verb=word)
        assert (entry.act, entry.label) == (act, str(act.label))
        assert word in act.words
    assert act_of("nobody.wrote_this") is None
    client = Client()
    client.force_login(clinic.people.staff)
    page = client.get(reverse("admin:accounts_auditentry_changelist"), {"act": "token.created"})
    assert [entry.verb for entry in page.context["cl"].result_list] == ["token.made"]


def test_the_address_comes_from_the_request_and_only_from_it(clinic, settings):
    login = {"login": clinic.people.reviewer.email, "password": PASSWORD}
    ours = {"REMOTE_ADDR": "192.0.2.7", "HTTP_X_FORWARDED_FOR": "203.0.113.5, 198.51.100.9"}
    for proxies, expected in ((0, "192.0.2.7"), (1, "198.51.100.9")):
        settings.PROXIES = proxies
        entry = doing(lambda: Client().post(reverse("account_login"), login, **ours)).only(
            Act.SIGNED_IN
        )
        assert entry.address == expected
        assert entry.request_id
    assert context.request is None
    entry = doing(lambda: claims.claim(case=clinic.case, reader=clinic.people.reviewer)).entries[0]
    assert entry.address is None


def test_version_and_time_are_the_databases_own(clinic):
    entry = doing(lambda: claims.claim(case=clinic.case, reader=clinic.people.reviewer)).entries[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp(), now()")
        now, begun = cursor.fetchone()
    entry.refresh_from_db()
    assert begun < entry.at < now
    assert entry.version == 2
