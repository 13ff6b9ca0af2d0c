"""What people and the system do, as the audit trail and the outbox name it. One enum for all apps.

A value is stored in rows that nobody can change. So if a name no longer fits, add a new member, and let
OLD_VALUES say which member the old rows mean.
"""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Act(TextChoices):
    """``noun.past_participle``. The label is what a page shows."""

    USER_CREATED = "user.created", _("Account created")
    USER_CHANGED = "user.changed", _("Account changed")
    PASSWORD_CHANGED = "person.password_changed", _("Password changed")
    PASSWORD_WRONG = "person.password_wrong", _("Wrong password")
    SIGNED_IN = "person.signed_in", _("Signed in")
    SIGNED_OUT = "person.signed_out", _("Signed out")
    REAUTHENTICATED = "person.reauthenticated", _("Gave the password again")
    SITE_CREATED = "site.created", _("Site created")
    SITE_CHANGED = "site.changed", _("Site changed")
    MEMBERSHIP_ADDED = "membership.added", _("Person added")
    MEMBERSHIP_ROLES_CHANGED = "membership.roles_changed", _("Roles changed")
    MEMBERSHIP_ENDED = "membership.ended", _("Person taken off the site")
    MEMBERSHIP_RESTORED = "membership.restored", _("Person brought back")
    CLIENT_CREATED = "client.created", _("API client created")
    TOKEN_CREATED = "token.created", _("Token created")
    TOKEN_REVOKED = "token.revoked", _("Token revoked")
    TOKENS_REVOKED = "token.all_revoked", _("All tokens revoked")
    CASE_ARRIVED = "case.arrived", _("Case arrived, its files to be decoded")
    CASE_RECEIVED = "case.received", _("Case received")
    CASE_REFUSED = "case.refused", _("Case refused")
    CASE_DISMISSED = "case.dismissed", _("Refused case dismissed")
    CASE_PREDICTED = "case.predicted", _("Case read by the model")
    CASE_FAILED = "case.failed", _("Reading by the model failed")
    CASE_REQUEUED = "case.requeued", _("Case waits for the model again")
    CASE_OUTPUT_CHANGED = "case.output_changed", _("The model's output on the case changed")
    CASE_RETRIED = "case.retried", _("Another reading by the model asked for")
    CASE_CLAIMED = "case.claimed", _("Case claimed")
    CASE_RELEASED = "case.released", _("Claim given back")
    CASE_CLAIM_LAPSED = "case.claim_lapsed", _("Claim ran out")
    CASE_TAKEN_OVER = "case.taken_over", _("Idle claim of another reader taken over")
    CASE_CLAIM_ENDED = "case.claim_ended", _("Claim of another reader ended by a lead")
    CASE_SKIPPED = "case.skipped", _("Case skipped by a reader")
    CASE_PRIORITY_CHANGED = "case.priority_changed", _("Priority changed by a lead")
    CASE_WITHDRAWN = "case.withdrawn", _("Case withdrawn")
    CASE_REPLACED = "case.replaced", _("Case replaced by a newer version")
    REVIEW_FIRST_LOCKED = "review.first_locked", _("First reading locked")
    REVIEW_SIGNED = "review.signed", _("Second opinion signed")
    REVIEW_CORRECTED = "review.corrected", _("Second opinion corrected")
    INTERIM_RECORDED = "interim.recorded", _("Interim opinion recorded")
    CALL_BACK_OPENED = "callback.opened", _("Call-back opened")
    CALL_BACK_CHANGED = "callback.changed", _("Call-back changed by a correction")
    CALL_BACK_NOTIFIED = "callback.notified", _("Call-back: who must act was notified")
    CALL_BACK_ATTEMPTED = "callback.attempted", _("Call-back attempted")
    CALL_BACK_CLOSED = "callback.closed", _("Call-back closed")
    CALL_BACK_RULES_CHANGED = "callback.rules_changed", _("Rules of call-backs changed")
    CRITICAL_OPENED = "critical.opened", _("Critical result waits for an acknowledgement")
    CRITICAL_CHANGED = "critical.changed", _("Critical result waits with a later opinion")
    CRITICAL_NOTIFIED = "critical.notified", _("Critical result: the next were notified")
    CRITICAL_ACKNOWLEDGED = "critical.acknowledged", _("Critical result acknowledged")
    CRITICAL_RULES_CHANGED = "critical.rules_changed", _("Rules of critical results changed")
    NOTICES_CHANGED = "notices.changed", _("Notices by e-mail turned on or off")
    REVIEWS_EXPORTED = "reviews.exported", _("Opinions exported")
    WAITS_CHANGED = "waits.changed", _("Allowed waits changed")
    CASES_DEADLINES_CHANGED = "cases.deadlines_changed", _("Deadlines of open cases changed")
    CASES_REDATED = "cases.redated", _("Open cases given new deadlines")
    READING_RULES_CHANGED = "reading.rules_changed", _("Reading rules changed")
    POINTS_CHANGED = "points.changed", _("Operating points changed")
    RELEASE_REGISTERED = "release.registered", _("Model release registered")
    RELEASE_WISHED = "release.activation_wished", _("Activation after the check asked for")
    RELEASE_CHECK_REQUESTED = "release.check_requested", _("Check of a model release asked for")
    RELEASE_USABLE = "release.usable", _("Model release passed its check")
    RELEASE_SET_ASIDE = "release.set_aside", _("Model release set aside")
    RELEASE_ACTIVATED = "release.activated", _("Model release activated")
    DEMO_CREATED = "demo.created", _("Demonstration created")

    @property
    def changes_something(self) -> bool:
        """Whether an event of this act says what was before and after it."""
        return self not in NOTHING_CHANGED

    @property
    def stored_values(self) -> tuple[str, ...]:
        """The values of ``verb`` in stored rows that mean this act, those of earlier versions too."""
        return (self.value, *(value for value, act in OLD_VALUES.items() if act is self))


#: Acts that change no row that Callus shows: signing in and out, giving the password again, wrong passwords,
#: exports.
NOTHING_CHANGED = frozenset(
    {
        Act.SIGNED_IN,
        Act.SIGNED_OUT,
        Act.REAUTHENTICATED,
        Act.PASSWORD_WRONG,
        Act.REVIEWS_EXPORTED,
    }
)

#: Values that earlier versions stored. They stay in the trail: their hash covers them.
OLD_VALUES: Mapping[str, Act] = {
    "user.made": Act.USER_CREATED,
    "site.made": Act.SITE_CREATED,
    "client.made": Act.CLIENT_CREATED,
    "token.made": Act.TOKEN_CREATED,
    "token.all_ended": Act.TOKENS_REVOKED,
    "waits.applied": Act.CASES_REDATED,
    "release.check_asked": Act.RELEASE_CHECK_REQUESTED,
    "demo.made": Act.DEMO_CREATED,
}


def act_of(value: str) -> Act | None:
    """The act that a stored value means; None for a value that no version of Callus wrote."""
    if value in OLD_VALUES:
        return OLD_VALUES[value]
    return Act(value) if value in Act.values else None
