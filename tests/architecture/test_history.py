"""History stays: what it refers to can't be deleted, and its own rows neither deleted nor changed."""

import pytest
from django.apps import apps
from django.db import connections
from django.db.models import PROTECT, ForeignKey

from accounts.privileges import APPEND_ONLY, NEVER_DELETED

# model → why its rows may go together with what they refer to. References of all others are protected.
NO_HISTORY = {
    "account.EmailAddress": "allauth's: an address to write to, which belongs to its account",
    "account.EmailConfirmation": "allauth's: a letter that waits for an answer",
    "admin.LogEntry": "Django's own list of acts in the admin; ours is the audit trail",
    "auth.Group_permissions": "Django's: what a group may do now",
    "auth.Permission": "Django's: made again by every migrate",
    "knox.AuthToken": "a key to an account, worth nothing without it; the trail says when it was made",
    "accounts.User_groups": "what an account may do now; the trail says who changed it",
    "accounts.User_user_permissions": "what an account may do now; the trail says who changed it",
    "triage.CallBackRule": "the table of call-backs that holds now; the trail has every change",
    "triage.CriticalRule": "the table of critical results that holds now; the trail has every change",
    "triage.CriticalStep": "the same table",
    "triage.Redating": "how far a pass in the background has come",
    "triage.ReleaseLoad": "which worker has a release in its memory now",
    "triage.WaitRule": "the table of waits that holds now; the trail has every change",
}


def unprotected() -> dict[str, list[str]]:
    """Model → its references that don't keep what they refer to from being deleted."""
    found: dict[str, list[str]] = {}
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            if isinstance(field, ForeignKey) and field.remote_field.on_delete is not PROTECT:
                found.setdefault(model._meta.label, []).append(field.name)
    return found


def test_every_reference_to_history_is_protected():
    assert {model: names for model, names in unprotected().items() if model not in NO_HISTORY} == {}


def test_no_exception_is_named_in_vain():
    assert set(NO_HISTORY) == set(unprotected())


# Tables whose rows may be changed and deleted → why nothing of history is lost with them.
NO_HISTORY_TABLES = {
    "accounts_membership": "whose roles change; the trail tells every change, and a membership ends",
    "accounts_outboxloss": "a count of events that were not delivered; the trail keeps them",
    "accounts_outboxmessage": "the delivery of an event; the trail keeps the event",
    "accounts_signintry": "kept for some minutes, to slow down who guesses passwords",
    "accounts_site": "its settings change; the trail tells every change",
    "accounts_user": "its name changes; the trail tells every change",
    "triage_callbackrule": "the table of call-backs that holds now; the trail tells every change",
    "triage_criticalrule": "the table of critical results that holds now; the trail tells every change",
    "triage_criticalstep": "the same table",
    "triage_noticechoice": "what a person chose; the trail tells every change",
    "triage_sentlook": "what a person has looked at",
    "triage_newanswer": "what a sender hasn't seen yet; the review itself stays",
    "triage_change": "which lists are to be read again",
    "triage_image": "one with a job or a prediction is protected by it; services delete none",
    "triage_savedview": "a person's own bookmark of a list",
    "triage_macro": "a person's own shorthand; what was signed with it is a text of the review",
    "triage_draft": "what nobody has signed: no statement, and the reader may discard it",
    "triage_decodejob": "a work to do; what came of it is an image, or a refusal in the trail",
    "triage_heartbeat": "when a queue was last seen at work",
    "triage_job": "a work to do; what came of it is a prediction",
    "triage_idempotencykey": "so that a request that comes again makes nothing; what it made is an event",
    "triage_redating": "how far a pass in the background has come",
    "triage_release": "its state changes; the trail tells every change",
    "triage_releaseload": "which worker has a release in its memory now",
    "triage_readingrules": "how a site reads now; the trail tells every change",
    "triage_skip": "what one reader's Next leaves out for a while; the trail says who skipped what",
    "triage_waitrule": "the table of waits that holds now; the trail tells every change",
}
# A row that says when it ended is history from then on. Table → why it isn't refused any change then.
CHANGED_AFTER_ITS_END = {
    "triage_case": "closed with its review or a reason, both in the trail, which nobody changes",
    "triage_decodejob": "the decision removes what is not needed any more",
    "triage_job": "a failed one is queued again",
    "triage_redating": "how far a pass in the background has come",
}
ENDS = {"ended_at", "closed_at", "finished_at"}
DELETE, UPDATE, TRUNCATE = 8, 16, 32  # bits of pg_trigger.tgtype
REFUSING = ("callus_append_only", "triage_reading_is_history", "triage_callback_is_history")


def our_models():
    return [model for model in apps.get_models() if model._meta.app_label in ("accounts", "triage")]


def refused_by_trigger(table):
    """The bits of what triggers of the table refuse to everybody, its owner too."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(bit_or(tgtype), 0) FROM pg_trigger WHERE tgrelid = %s::regclass"
            " AND tgfoid::regproc::text = ANY(%s) AND tgenabled = 'O'",
            [table, list(REFUSING)],
        )
        return cursor.fetchone()[0] & (DELETE | UPDATE | TRUNCATE)


def rights_on(table):
    with connections["default"].cursor() as cursor:
        rights = ("UPDATE", "DELETE", "TRUNCATE")
        cursor.execute(
            "SELECT " + ", ".join(f"has_table_privilege(%s, '{right}')" for right in rights),
            [table] * len(rights),
        )
        return {right for right, held in zip(rights, cursor.fetchone(), strict=True) if held}


def test_every_table_is_history_or_says_why_not():
    tables = {model._meta.db_table for model in our_models()}
    kept = {*APPEND_ONLY, *NEVER_DELETED}
    assert tables - kept == set(NO_HISTORY_TABLES)
    assert kept <= tables


@pytest.mark.parametrize("table", [*APPEND_ONLY, *NEVER_DELETED])
def test_rows_of_history_are_refused_by_right_and_by_trigger(db, table):
    changes = table not in APPEND_ONLY
    assert rights_on(table) == ({"UPDATE"} if changes else set())
    refused = refused_by_trigger(table) | (UPDATE if changes else 0)
    assert refused == DELETE | UPDATE | TRUNCATE


def test_a_row_that_says_when_it_ended_is_not_changed_afterwards(db):
    ending = {
        model._meta.db_table
        for model in our_models()
        if ENDS & {field.name for field in model._meta.get_fields()}
    }
    open_to_change = {table for table in ending if not refused_by_trigger(table) & UPDATE}
    assert open_to_change == set(CHANGED_AFTER_ITS_END)
