"""The states of a case and of a job, and the legal moves between them. No ORM here."""

from collections.abc import Mapping
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CaseState(TextChoices):
    """ARRIVING: its files are stored, and not all are decoded yet. REFUSED: one of them can't be taken."""

    ARRIVING = "arriving", _("Arriving")
    REFUSED = "refused", _("Refused")
    RECEIVED = "received", _("Waiting for the model")
    PREDICTED = "predicted", _("Waiting for a reader")
    FAILED = "failed", _("Model failed, read without it")
    THIRD = "third", _("Waiting for a third reader")
    REVIEWED = "reviewed", _("Reviewed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# A reader may sign a case in every open state: nobody has to wait for the model.
CASE_MOVES: dict[CaseState, frozenset[CaseState]] = {
    CaseState.ARRIVING: frozenset({CaseState.RECEIVED, CaseState.REFUSED}),
    CaseState.REFUSED: frozenset(),
    CaseState.RECEIVED: frozenset(
        {
            *(CaseState.PREDICTED, CaseState.FAILED),
            *(CaseState.THIRD, CaseState.REVIEWED, CaseState.WITHDRAWN),
        }
    ),
    # Received: another release is activated, and may be for a picture that the last one was not for.
    CaseState.PREDICTED: frozenset(
        {CaseState.RECEIVED, CaseState.THIRD, CaseState.REVIEWED, CaseState.WITHDRAWN}
    ),
    # Predicted: an activation finds that its release has read the pictures already.
    CaseState.FAILED: frozenset(
        {
            *(CaseState.RECEIVED, CaseState.PREDICTED),
            *(CaseState.THIRD, CaseState.REVIEWED, CaseState.WITHDRAWN),
        }
    ),
    # What a model says meanwhile changes nothing any more.
    # Not withdrawn: an opinion is signed, and what follows from it must reach the clinic.
    CaseState.THIRD: frozenset({CaseState.REVIEWED}),
    CaseState.REVIEWED: frozenset(),
    CaseState.WITHDRAWN: frozenset(),
}
# In the worklist. A case that waits for a third reader is in a list of its own: whoever reads it must be
# another person.
OPEN_STATES = (CaseState.RECEIVED, CaseState.PREDICTED, CaseState.FAILED)
UNSIGNED_STATES = (*OPEN_STATES, CaseState.THIRD)  # a reader may sign
CLOSED_STATES = (CaseState.REVIEWED, CaseState.WITHDRAWN)
# The row of a blind case says what the model says in these states, since its final opinion is signed.
UNSEALED_STATES = (CaseState.THIRD, CaseState.REVIEWED)
# Neither open nor closed: for nobody but its sender there is such a case.
INTAKE_STATES = (CaseState.ARRIVING, CaseState.REFUSED)


class JobState(TextChoices):
    """Only ``triage.queue`` and ``triage.inference``'s ``queue`` and ``reassign`` move a job, each time under
    its row's lock.

    FAILED isn't the end: a person may ask for another try. EXCLUDED is not a failure: the release is not for
    such a picture, and only another release changes that.
    """

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    EXCLUDED = "excluded", _("Not for this release")


class ReleaseState(TextChoices):
    """Whether a worker could load a release. Only ``triage.inference.checks`` changes it."""

    CHECKING = "checking", _("Being checked")
    USABLE = "usable", _("Usable")
    SET_ASIDE = "set_aside", _("Set aside")


class Activation(TextChoices):
    """What happens to a release once its check is passed."""

    BY_HAND = "", _("An administrator activates it")
    IF_NONE = "if_none", _("It becomes active if no release is active")
    ALWAYS = "always", _("It becomes active")


class IllegalMove(Exception):
    """Somebody asked for a move that the table doesn't have."""


def check_move(old: str, new: str, moves: Mapping[Any, frozenset[Any]]) -> None:
    """Raises IllegalMove unless ``moves`` allows going from ``old`` to ``new``."""
    if new not in moves[old]:
        raise IllegalMove(f"{old} can't become {new}.")
