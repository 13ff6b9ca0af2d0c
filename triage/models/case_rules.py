"""What must hold of every case, and how its lists are found: constraints and indexes, with their reasons.

The application's lists are the ones of ``triage.worklist``: a new order or filter wants its index here.
"""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import GreaterThan

from triage.states import CLOSED_STATES, INTAKE_STATES, OPEN_STATES, UNSEALED_STATES, CaseState
from triage.vocabulary import SUSPECTED, Call

OPEN = Q(state__in=[state.value for state in OPEN_STATES])
CLOSED = Q(state__in=[state.value for state in CLOSED_STATES])
# What a site's people have. The others are still on their way in, or were refused.
RECEIVED = ~Q(state__in=[state.value for state in INTAKE_STATES])
# Blind, and its final opinion is not signed yet. See docs/decisions/0052-a-blind-first-reading.md.
SEALED = Q(is_blind=True, third_because=[]) & ~Q(
    state__in=[state.value for state in UNSEALED_STATES]
)
THIRD = Q(state=CaseState.THIRD)
_UNENDED = OPEN | THIRD | Q(state=CaseState.ARRIVING)
# A case that stayed open for longer than a long weekend is rare. All others closed soon after they came, so
# that days of arrival are found in the order of closing.
SOON_CLOSED = timedelta(days=3)
CLOSED_LATE = Q(GreaterThan(F("closed_at") - F("received_at"), SOON_CLOSED))

CONSTRAINTS = [
    models.CheckConstraint(
        condition=Q(confidence__gte=0, confidence__lte=1),
        name="case_confidence_is_a_probability",
    ),
    models.CheckConstraint(
        condition=Q(predicted_class="", confidence=0) | ~Q(predicted_class=""),
        name="case_confidence_needs_a_class",
    ),
    models.CheckConstraint(
        condition=~Q(state=CaseState.PREDICTED)
        | Q(deciding_prediction__isnull=False)
        | ~Q(unread_code="")
        | Q(is_blind=True),
        name="case_predicted_has_a_prediction_or_none_to_come",
    ),
    models.CheckConstraint(
        condition=Q(unread_code="")
        | Q(deciding_prediction=None) & ~Q(state__in=[CaseState.RECEIVED, CaseState.FAILED]),
        name="case_unread_code_is_of_an_unread_case",
    ),
    models.CheckConstraint(
        # A class means nothing on a healthy bone: nobody can read here what may not be disclosed.
        condition=Q(call__in=SUSPECTED) & ~Q(predicted_class="")
        | ~Q(call__in=SUSPECTED) & Q(predicted_class=""),
        name="case_class_is_of_a_suspected_fracture",
    ),
    models.CheckConstraint(
        condition=Q(deciding_prediction=None, call=Call.UNREAD)
        | Q(deciding_prediction__isnull=False) & ~Q(call=Call.UNREAD),
        name="case_call_comes_from_a_prediction",
    ),
    models.CheckConstraint(
        # A picture that was not read may be the broken one.
        condition=~Q(call=Call.NEGATIVE) | Q(unread_images=0, not_assessable_images=0),
        name="case_is_negative_only_as_a_whole",
    ),
    models.CheckConstraint(
        condition=(_UNENDED & Q(closed_at=None)) | (~_UNENDED & Q(closed_at__isnull=False)),
        name="case_open_or_ended",
    ),
    models.CheckConstraint(
        condition=Q(state=CaseState.REFUSED, refusal__isnull=False)
        | ~Q(state=CaseState.REFUSED) & Q(refusal__isnull=True, dismissed_at=None),
        name="case_refused_says_why",
    ),
    models.CheckConstraint(
        # Why: in a person's words, or because all of its pictures came anew.
        condition=Q(state=CaseState.WITHDRAWN, withdrawn_by__isnull=False)
        & (
            Q(replaced_by=None) & ~Q(withdrawn_reason="")
            | Q(replaced_by__isnull=False, withdrawn_reason="")
        )
        | ~Q(state=CaseState.WITHDRAWN)
        & Q(withdrawn_by=None, withdrawn_reason="", replaced_by=None),
        name="case_withdrawn_says_who_and_why",
    ),
    models.CheckConstraint(
        condition=Q(due_at__gte=F("received_at")), name="case_is_due_after_it_came"
    ),
    models.CheckConstraint(
        # The model may only shorten a wait.
        condition=Q(due_at__lte=F("priority_due_at")),
        name="case_model_postpones_nothing",
    ),
    models.CheckConstraint(
        # No list, filter, count or tag can depend on what no row of a list holds.
        condition=~SEALED
        | Q(
            due_at=F("priority_due_at"),
            call=Call.UNREAD,
            deciding_prediction=None,
            unread_code="",
            unread_images=0,
            not_assessable_images=0,
        ),
        name="case_sealed_says_nothing",
    ),
    models.CheckConstraint(
        condition=~Q(state=CaseState.THIRD) | Q(third_because__len__gt=0),
        name="case_third_says_why",
    ),
    # The composite foreign key of images points to it. Read backwards, it also serves REST's list of
    # all cases, and the newest cases in which Find searches for a substring.
    models.UniqueConstraint(fields=["site", "id"], name="case_is_of_one_site"),
]

INDEXES = [
    # The first five: one for each order of the open cases (triage/worklist/orders.py), which begins with
    # the site and ends with the id, so that a page is read from the index without sorting: by deadline (the
    # usual order), by class, by confidence, by time of arrival and by priority.
    models.Index(fields=["site", "due_at", "id"], condition=OPEN, name="case_by_deadline"),
    models.Index(
        fields=["site", "call", "predicted_class", "-confidence", "id"],
        condition=OPEN,
        name="case_by_class",
    ),
    models.Index(
        fields=["site", "call", "-confidence", "id"],
        condition=OPEN,
        name="case_by_confidence",
    ),
    models.Index(fields=["site", "received_at", "id"], condition=OPEN, name="case_by_waiting"),
    models.Index(
        fields=["site", "priority", "due_at", "id"],
        condition=OPEN,
        name="case_by_priority",
    ),
    # The usual order and that of priorities, for readers from whom the model's output is hidden: both
    # take one priority after another, so that one index serves them.
    models.Index(
        fields=["site", "priority", "priority_due_at", "id"],
        condition=OPEN,
        name="case_due_by_priority_alone",
    ),
    # Few: cases that wait for a third reader.
    models.Index(fields=["site", "due_at", "id"], condition=THIRD, name="case_third_by_deadline"),
    # The usual order of one state, call or class: what is rare is found without reading the rest.
    models.Index(
        fields=["site", "state", "due_at", "id"], condition=OPEN, name="case_due_by_state"
    ),
    models.Index(
        fields=["site", "call", "due_at", "id"],
        condition=OPEN,
        name="case_due_by_call",
    ),
    models.Index(
        fields=["site", "predicted_class", "due_at", "id"],
        condition=OPEN,
        name="case_due_by_class",
    ),
    # An order in the other direction can't read its index backwards: the columns that break ties keep theirs.
    models.Index(
        fields=["site", "call", "-predicted_class", "-confidence", "id"],
        condition=OPEN,
        name="case_by_class_turned",
    ),
    models.Index(
        fields=["site", "call", "confidence", "id"],
        condition=OPEN,
        name="case_by_confidence_turned",
    ),
    models.Index(
        fields=["site", "-priority", "due_at", "id"],
        condition=OPEN,
        name="case_by_priority_turned",
    ),
    # Closed cases by closing time: one for each filter whose rare values a reader looks for. A site's
    # history only grows, so no list may read it through.
    models.Index(
        fields=["site", "state", "-closed_at", "id"],
        condition=CLOSED,
        name="case_closed",
    ),
    models.Index(
        fields=["site", "state", "call", "-closed_at", "id"],
        condition=CLOSED,
        name="case_closed_by_call",
    ),
    models.Index(
        fields=["site", "state", "predicted_class", "-closed_at", "id"],
        condition=CLOSED,
        name="case_closed_by_class",
    ),
    models.Index(
        fields=["site", "state", "priority", "-closed_at", "id"],
        condition=CLOSED,
        name="case_closed_by_priority",
    ),
    models.Index(
        fields=["site", "state", "-closed_at", "id"],
        condition=CLOSED & CLOSED_LATE,
        name="case_closed_late",
    ),
    # Intake asks of each case whether its site has a sealed one at all; most have none.
    models.Index(fields=["site", "state"], condition=SEALED, name="case_sealed"),
    # Find: a key that equals the text, newest first, or begins with it.
    models.Index(fields=["site", "accession_key", "-id"], name="case_by_accession"),
    models.Index(fields=["site", "patient_key", "-id"], name="case_by_patient"),
    models.Index(fields=["site", "short_id", "-id"], name="case_by_short_id"),
    # Both hold few rows: cases stay in these states for a moment, or until their sender has seen why.
    models.Index(fields=["id"], condition=Q(state=CaseState.ARRIVING), name="case_arriving"),
    models.Index(
        fields=["sender", "-id"],
        condition=Q(state=CaseState.REFUSED, dismissed_at=None),
        name="case_refused_to_sender",
    ),
]
