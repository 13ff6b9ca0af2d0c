"""What an event holds, what it refuses to hold, and what the database adds."""

from functools import partial

import pytest
from allauth.core import context
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.acts import OLD_VALUES, Act, act_of
from accounts.models import AuditEntry
from accounts.services import accounts, people, sites
from accounts.services.events import emit
from tests.events.steps import PLANTED, doing, member, received, signed
from tests.factories import PASSWORD
from triage.models import Review
from triage.review import claims
from triage.review.opinion import GivenOpinion
from triage.review.services import sign


def test_an_event_names_a_patients_fields_without_their_values(clinic):
    entry = doing(lambda: received(clinic)).only(Act.CASE_RECEIVED)
    assert entry.detail["untold"] == sorted({*PLANTED, "body_part", "sex"})
    entry = doing(lambda: signed(clinic)).only(Act.REVIEW_SIGNED)
    assert entry.detail["untold"] == sorted(Review.PRIVATE_FIELDS)


def test_the_names_of_an_opinion_do_not_tell_what_it_says(clinic):
    """Which fields were filled in would: a type is of a fracture, and who agrees says what the model said."""
    case, told = clinic.case, set()
    agreed = {"given": GivenOpinion(agrees=True), "prediction_id": case.deciding_prediction_id}
    typed = {"given": GivenOpinion("certain", classes=("oblique",), comment="Short.")}
    for said in ({"given": GivenOpinion("none")}, typed, agreed):
        with transaction.atomic():
            act = partial(sign, case=case, reader=clinic.people.reviewer, **said)
            told.add(str(doing(act).only(Act.REVIEW_SIGNED).detail["untold"]))
            transaction.set_rollback(True)
    assert len(told) == 1


def test_emit_refuses_to_tell_a_patients_data_or_nothing_at_all(clinic):
    case, common = clinic.case, {"actor": None, "site": clinic.site}
    for change in (
        {"before": {"patient_reference": "a"}, "after": {}},
        {"before": {}, "after": {"clinical_question": "b"}},
        {"before": {}, "after": {}, "accession_number": "c"},
        {"before": {}, "after": {"password": "d"}},
    ):
        with pytest.raises(ValueError, match="would reveal"):
            emit(Act.CASE_RECEIVED, case, **common, **change)
    with pytest.raises(ValueError, match="before and after"):
        emit(Act.CASE_RECEIVED, case, **common)
    with pytest.raises(ValueError, match="changes nothing"):
        emit(Act.SIGNED_IN, case, **common, before={}, after={})


def test_what_changes_nothing_emits_nothing(clinic):
    reviewer = member(clinic)
    same = [
        lambda: people.restore_membership(membership=reviewer, actor=clinic.people.admin),
        lambda: people.change_roles(
            membership=reviewer, roles=reviewer.roles, actor=clinic.people.admin
        ),
        lambda: sites.save_site(site=clinic.site, actor=clinic.people.staff),
        lambda: accounts.change_account(
            account=clinic.people.reviewer, changes={}, actor=clinic.people.staff
        ),
    ]
    assert [doing(act).entries for act in same] == [[], [], [], []]


def test_an_old_word_means_its_act_and_stays_what_it_is(clinic):
    for word, act in OLD_VALUES.items():
        assert word not in Act.values
        AuditEntry.objects.create(verb=word, subject_type="x", subject_id="1", actor=None)
        entry = AuditEntry.objects.get(verb=word)
        assert (entry.act, entry.label) == (act, str(act.label))
        assert word in act.stored_values
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
