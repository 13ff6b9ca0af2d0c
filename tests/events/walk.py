"""Each act → what brings it about. The outer call prepares, the inner one does it."""

from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.acts import Act
from accounts.models import Site
from accounts.roles import Role
from accounts.services import accounts, people, sites, tokens
from classifier.call import OperatingPoints
from classifier.release import default_release_path
from demo.people import make_people as make_demo
from tests.events.blind_steps import first_locked, made_stat, rules_changed
from tests.events.following_steps import (
    broken,
    critical,
    dislocated,
    ended,
    missed,
    noted,
    sent_home,
)
from tests.events.steps import (
    SAID,
    account,
    case_read_in_part,
    changed_password,
    client_member,
    corrected,
    due,
    job_ended,
    lead,
    member,
    other_name,
    other_rules,
    predict,
    prepared,
    read,
    received,
    refused,
    retried,
    rules,
    sent_film,
    sign_in,
    signed,
    token_key,
)
from tests.factories import PASSWORD, make_reading, make_release
from triage import points
from triage.inference import checks, releases
from triage.intake import services as intake
from triage.report import call_backs, critical_results
from triage.report.call_back_notices import notify_of_call_backs
from triage.report.call_back_rules import set_call_back_rules
from triage.report.critical_rules import set_critical_table
from triage.report.notice_choice import choose_notices
from triage.report.training_set import export_training_set
from triage.review import claims
from triage.review.critical_table import Step
from triage.review.skips import skip_case
from triage.review.taking_over import end_claim, take_over
from triage.states import Activation, CaseState, JobState
from triage.worklist.redating import redate, redate_chunk, request_redating
from triage.worklist.wait_rules import set_wait_rules

WALK: dict[Act, Any] = {
    Act.USER_CREATED: lambda c: lambda: account(c),
    Act.USER_CHANGED: lambda c: (
        lambda: accounts.change_account(
            account=c.people.reviewer, changes={"name": "Rita R."}, actor=c.people.staff
        )
    ),
    Act.PASSWORD_CHANGED: lambda c: lambda: changed_password(c.people.reviewer),
    Act.PASSWORD_WRONG: lambda c: (
        lambda: Client().post(
            reverse("account_login"), {"login": c.people.reviewer.email, "password": "wrong"}
        )
    ),
    Act.SIGNED_IN: lambda c: lambda: sign_in(c),
    Act.SIGNED_OUT: lambda c: prepared(
        c, sign_in, lambda client: client.post(reverse("account_logout"))
    ),
    Act.REAUTHENTICATED: lambda c: prepared(
        c,
        sign_in,
        lambda client: client.post(reverse("account_reauthenticate"), {"password": PASSWORD}),
    ),
    Act.SITE_CREATED: lambda c: (
        lambda: sites.save_site(site=Site(name="West", slug="west"), actor=c.people.staff)
    ),
    Act.SITE_CHANGED: lambda c: lambda: sites.save_site(site=other_name(c), actor=c.people.staff),
    Act.MEMBERSHIP_ADDED: lambda c: (
        lambda: people.add_person(
            site=c.site, email="n@example.org", name="N", roles=["reviewer"], actor=c.people.admin
        )
    ),
    Act.MEMBERSHIP_ROLES_CHANGED: lambda c: (
        lambda: people.change_roles(
            membership=member(c), roles=[Role.CLINICIAN], actor=c.people.admin
        )
    ),
    Act.MEMBERSHIP_ENDED: lambda c: (
        lambda: people.end_membership(membership=member(c), actor=c.people.admin)
    ),
    Act.MEMBERSHIP_RESTORED: lambda c: prepared(
        c,
        lambda c: people.end_membership(membership=member(c), actor=c.people.admin),
        lambda ended: people.restore_membership(membership=ended, actor=c.people.admin),
    ),
    Act.CLIENT_CREATED: lambda c: (
        lambda: tokens.create_api_client(site=c.site, name="PACS", actor=c.people.admin)
    ),
    Act.TOKEN_CREATED: lambda c: (
        lambda: tokens.create_token(membership=client_member(c), actor=c.people.admin)
    ),
    Act.TOKEN_REVOKED: lambda c: prepared(
        c,
        token_key,
        lambda key: tokens.revoke_token(
            membership=client_member(c), token_key=key, actor=c.people.admin
        ),
    ),
    Act.TOKENS_REVOKED: lambda c: prepared(
        c, token_key, lambda _key: tokens.end_all_tokens(c.people.service)
    ),
    Act.CASE_ARRIVED: lambda c: lambda: received(c),
    Act.CASE_REFUSED: lambda c: lambda: refused(c),
    Act.CASE_DISMISSED: lambda c: prepared(
        c, refused, lambda case: intake.dismiss_case(case=case, actor=c.people.clinician)
    ),
    Act.CASE_RECEIVED: lambda c: lambda: received(c),
    Act.CASE_PREDICTED: lambda c: lambda: read(c),
    Act.CASE_FAILED: lambda c: lambda: job_ended(c, CaseState.RECEIVED, JobState.FAILED),
    Act.CASE_REQUEUED: lambda c: lambda: job_ended(c, CaseState.FAILED, JobState.QUEUED),
    Act.CASE_OUTPUT_CHANGED: lambda c: prepared(
        c, case_read_in_part, lambda second: predict(c, second)
    ),
    Act.CASE_RETRIED: lambda c: lambda: retried(c),
    Act.CASE_CLAIMED: lambda c: lambda: claims.claim(case=c.case, reader=c.people.reviewer),
    Act.CASE_RELEASED: lambda c: prepared(
        c,
        lambda c: claims.claim(case=c.case, reader=c.people.reviewer),
        lambda _reading: claims.give_back_claim(case=c.case, reader=c.people.reviewer),
    ),
    Act.CASE_TAKEN_OVER: lambda c: prepared(
        c,
        lambda c: make_reading(c.case, c.people.clinician2, seconds=60),
        lambda _reading: take_over(case=c.case, reader=c.people.reviewer, reason=SAID),
    ),
    Act.CASE_CLAIM_ENDED: lambda c: prepared(
        c,
        lambda c: make_reading(c.case, c.people.clinician2),
        lambda _reading: end_claim(case=c.case, actor=lead(c), reason=SAID),
    ),
    Act.CASE_PRIORITY_CHANGED: lambda c: lambda: made_stat(c),
    Act.CASE_SKIPPED: lambda c: (
        lambda: skip_case(case=c.case, reader=c.people.reviewer, reason=SAID)
    ),
    Act.CASE_CLAIM_LAPSED: lambda c: prepared(
        c,
        lambda c: make_reading(c.case, c.people.reviewer, seconds=-1),
        lambda _reading: claims.end_lapsed(),
    ),
    Act.CASE_WITHDRAWN: lambda c: (
        lambda: intake.withdraw_case(case=c.case, actor=c.people.clinician, reason=SAID)
    ),
    Act.CASE_REPLACED: lambda c: prepared(c, sent_film, lambda _case: sent_film(c, "second")),
    Act.REVIEW_FIRST_LOCKED: lambda c: lambda: first_locked(c),
    Act.REVIEW_SIGNED: lambda c: lambda: signed(c),
    Act.REVIEW_CORRECTED: lambda c: prepared(c, signed, lambda signed: corrected(c, signed)),
    Act.INTERIM_RECORDED: lambda c: lambda: sent_home(c),
    Act.CALL_BACK_OPENED: lambda c: prepared(c, sent_home, lambda _said: broken(c)),
    Act.CALL_BACK_CHANGED: lambda c: prepared(
        c, missed, lambda missed: dislocated(c, missed.review)
    ),
    Act.CALL_BACK_NOTIFIED: lambda c: prepared(c, missed, lambda _missed: notify_of_call_backs()),
    Act.CALL_BACK_ATTEMPTED: lambda c: prepared(
        c,
        missed,
        lambda missed: call_backs.record_attempt(
            call_back=missed, actor=c.people.clinician, outcome="reached", words=SAID
        ),
    ),
    Act.CALL_BACK_CLOSED: lambda c: prepared(c, missed, lambda missed: ended(c, missed)),
    Act.CALL_BACK_RULES_CHANGED: lambda c: (
        lambda: set_call_back_rules(site=c.site, rules=other_rules(), actor=c.people.admin)
    ),
    Act.CRITICAL_OPENED: lambda c: lambda: critical(c),
    Act.CRITICAL_CHANGED: lambda c: prepared(
        c, critical, lambda result: corrected(c, result.review)
    ),
    Act.CRITICAL_NOTIFIED: lambda c: prepared(
        c, critical, lambda _result: critical_results.notify_due()
    ),
    Act.CRITICAL_ACKNOWLEDGED: lambda c: prepared(c, critical, lambda result: noted(c, result)),
    Act.CRITICAL_RULES_CHANGED: lambda c: (
        lambda: set_critical_table(
            site=c.site, rules=[], steps=[Step("clinician", 7)], actor=c.people.admin
        )
    ),
    Act.NOTICES_CHANGED: lambda c: lambda: choose_notices(person=c.people.reviewer, by_email=False),
    Act.REVIEWS_EXPORTED: lambda c: prepared(
        c,
        signed,
        lambda signed: export_training_set(folder=c.folder, site=c.site, actor=c.people.admin),
    ),
    Act.WAITS_CHANGED: lambda c: (
        lambda: set_wait_rules(site=c.site, rules=rules(), actor=c.people.admin)
    ),
    Act.READING_RULES_CHANGED: lambda c: lambda: rules_changed(c),
    Act.CASES_DEADLINES_CHANGED: lambda c: prepared(
        c,
        lambda c: set_wait_rules(site=c.site, rules=rules(), actor=c.people.admin),
        lambda _rules: redate(),
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
    Act.RELEASE_WISHED: lambda c: prepared(
        c,
        lambda c: due().release,
        lambda release: checks.check_and_activate(release, Activation.ALWAYS, actor=c.people.staff),
    ),
    Act.RELEASE_CHECK_REQUESTED: lambda c: (
        lambda: checks.request_check(c.release, actor=c.people.staff)
    ),
    Act.RELEASE_USABLE: lambda c: prepared(c, lambda c: due(), checks.pass_check),
    Act.RELEASE_SET_ASIDE: lambda c: prepared(
        c, lambda c: due(tries=1), lambda check: checks.fail_check(check, checks.STOPPED)
    ),
    Act.RELEASE_ACTIVATED: lambda c: prepared(
        c,
        lambda c: make_release(active=False),
        lambda release: releases.activate_release(release, actor=c.people.staff),
    ),
    Act.DEMO_CREATED: lambda c: lambda: make_demo(),
}
