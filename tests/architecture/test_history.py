"""Nothing that history refers to can be deleted: who sent, read, signed or set what, and of which picture."""

from django.apps import apps
from django.db.models import PROTECT, ForeignKey

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
