"""Says who may not see the model's output now, whatever the cases. Blind cases are sealed besides."""

from collections.abc import Callable, Sequence, Set
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from accounts.models import User
from triage.models import Case

Viewer = User | AnonymousUser
# Cases → ids of those whose model's output is hidden. Called once for all rows of a page, so that the number
# of queries doesn't grow with the rows.
HiddenOf = Callable[[Sequence[Case]], Set[UUID]]


class Policy:
    """Hides nothing from anybody. ``settings.CALLUS_DISCLOSURE_POLICY`` names the class in force.

    Where a case is hidden, what was signed on it is hidden too: it may say what the model said.

    A policy only hides; who may see a case at all is the business of ``visible_to``. It may ask the
    database; the table that it asks needs the triggers of ``triage.stamps`` then, so that open lists follow.
    """

    def hidden_from(self, viewer: Viewer) -> HiddenOf | None:
        """None if nothing is hidden from ``viewer`` now; otherwise a function that says which cases are.

        With a function, their lists are not sorted or filtered by the model's output: a place in the order
        would reveal what is hidden. Rows and lists have one answer, so a policy can't hide in one of both.
        """
        return None


@lru_cache
def _policy_of(path: str) -> Policy:
    found = import_string(path)
    # A class with a method of another name would hide nothing, and nobody would notice.
    if not (isinstance(found, type) and issubclass(found, Policy)):
        raise ImproperlyConfigured(f"{path} is not a subclass of triage.disclosure.policy.Policy.")
    if found is not Policy and found.hidden_from is Policy.hidden_from:
        raise ImproperlyConfigured(f"{path} has no method hidden_from, so it would hide nothing.")
    policy: Policy = found()
    return policy


def policy() -> Policy:
    """The policy in force."""
    return _policy_of(settings.CALLUS_DISCLOSURE_POLICY)
