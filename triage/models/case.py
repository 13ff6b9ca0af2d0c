"""A case: what a clinic asks about one patient's pictures, and where it stands."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Prefetch, Q
from django.db.models.functions import Cast, Right
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from accounts.models import Site, User
from accounts.roles import READS_CASES, Role
from triage.models.case_arrival import CaseArrival
from triage.models.case_names import SHORT_ID, CaseNames
from triage.models.case_rules import CONSTRAINTS, INDEXES, OPEN, RECEIVED
from triage.models.keys import key_field, key_of
from triage.models.visibility import SiteOwnedQuerySet
from triage.states import INTAKE_STATES, UNSEALED_STATES, UNSIGNED_STATES, CaseState
from triage.vocabulary import (
    AgeBand,
    BodyPart,
    Call,
    Differs,
    FractureClass,
    Priority,
    Projection,
    Sex,
    Side,
    Source,
    UnreadCode,
)

if TYPE_CHECKING:
    from triage.models.reading import Reading

LONGEST_REASON = 500  # characters: some sentences; the report is the review's comment


class CaseQuerySet(SiteOwnedQuerySet):
    def visible_to(self, user: User | AnonymousUser, roles: Iterable[Role] = READS_CASES) -> Self:
        """Cases of the person's sites, without those that are arriving or were refused."""
        return super().visible_to(user, roles).filter(RECEIVED)

    def known_to(self, user: User | AnonymousUser) -> Self:
        """As ``visible_to``, with the person's own cases that are arriving or were refused."""
        return super().visible_to(user).filter(RECEIVED | Q(sender_id=user.pk))

    def received_from(self, user: User | AnonymousUser) -> Self:
        """Received cases that ``user`` sent and may see: what "Sent by me" shows."""
        return self.visible_to(user).filter(sender_id=user.pk)

    def sent_by(self, user: User | AnonymousUser) -> Self:
        """Cases that ``user`` sent and that are arriving or were refused. Nobody else sees those."""
        sent = super().visible_to(user).filter(~RECEIVED)
        return sent.filter(sender_id=user.pk)

    def open(self) -> Self:
        """Cases that still wait for an opinion."""
        return self.filter(OPEN)

    def with_reading(self) -> Self:
        """Loads who reads each case now, in one query for all."""
        readings = Case._meta.get_field("readings").related_model._default_manager
        going_on = readings.filter(ended_at=None).select_related("reader")
        return self.prefetch_related(Prefetch("readings", going_on, to_attr="going_on"))


class Case(CaseNames, CaseArrival):
    """Sort keys (``due_at``, ``call``, ``predicted_class``, ``confidence``) are never null, so keyset
    pages hold.

    ``deciding_prediction`` is the prediction that gave call, class and confidence; it stays
    as it was when the case is closed. ``predicted_class`` is "" and ``confidence`` 0 unless a fracture is
    suspected or in doubt. A case counts as unread as long as one of its pictures was not read and no fracture
    is suspected or in doubt; ``unread_code`` says that no prediction is to come, since no release is for such
    a picture. ``unread_images``: how many pictures were not read and won't be without another try or release;
    ``not_assessable_images``: how many the model called not assessable. ``due_at`` comes from the shortest
    wait of all pictures, not from the deciding prediction alone; ``priority_due_at`` is what it would be
    if no model had read the case. All of this is set by ``worklist.case_summary`` only. The row of a
    sealed case says nothing of the model's output. Who reads the case now is a ``Reading``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # No index of its own: several begin with it.
    site = models.ForeignKey(Site, models.PROTECT, related_name="cases", db_index=False)
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="sent_cases")
    source = models.CharField(max_length=8, choices=Source.choices)
    is_synthetic = models.BooleanField(_("synthetic"), default=False)
    received_at = models.DateTimeField(_("received"), default=timezone.now, editable=False)
    state = models.CharField(_("state"), max_length=12, choices=CaseState.choices)

    accession_number = models.CharField(_("accession number"), max_length=64, blank=True)
    patient_reference = models.CharField(_("patient reference"), max_length=64, blank=True)
    # What Find compares. Generated, so that they can't differ from what they are keys of.
    accession_key = models.GeneratedField(
        expression=key_of(F("accession_number")), output_field=key_field(), db_persist=True
    )
    patient_key = models.GeneratedField(
        expression=key_of(F("patient_reference")), output_field=key_field(), db_persist=True
    )
    short_id = models.GeneratedField(
        expression=Right(Cast("id", models.TextField()), SHORT_ID),
        output_field=key_field(),
        db_persist=True,
    )
    age_band = models.CharField(_("age"), max_length=8, blank=True, choices=AgeBand.choices)
    sex = models.CharField(_("sex"), max_length=1, blank=True, choices=Sex.choices)
    body_part = models.CharField(_("body part"), max_length=16, choices=BodyPart.choices)
    side = models.CharField(_("side"), max_length=1, blank=True, choices=Side.choices)
    projection = models.CharField(
        _("projection"), max_length=8, blank=True, choices=Projection.choices
    )
    # Names of the fields above that a DICOM header filled in: they are not the sender's.
    from_header = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    clinical_question = models.TextField(
        _("clinical question"), blank=True, validators=[MaxLengthValidator(2000)]
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority.choices, default=Priority.ROUTINE
    )

    due_at = models.DateTimeField(_("deadline"))
    # The deadline by the sender's priority alone: an order by it reveals nothing of the model's output.
    priority_due_at = models.DateTimeField(_("deadline by priority"))
    call = models.PositiveSmallIntegerField(_("call"), choices=Call.choices, default=Call.UNREAD)
    unread_code = models.CharField(max_length=24, blank=True, choices=UnreadCode.choices)
    unread_images = models.PositiveSmallIntegerField(default=0)
    not_assessable_images = models.PositiveSmallIntegerField(default=0)
    predicted_class = models.CharField(
        _("predicted class"), max_length=24, blank=True, choices=FractureClass.choices
    )
    confidence = models.FloatField(_("confidence"), default=0.0)
    deciding_prediction = models.ForeignKey(
        "triage.Prediction", models.PROTECT, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    # Drawn when it was received, by its site's reading rules, and never changed after.
    is_blind = models.BooleanField(_("read blind first"), default=False, db_default=False)
    # Codes: what the final opinion differed from, so that a third reader is or was asked.
    third_because = ArrayField(
        models.CharField(max_length=8, choices=Differs.choices),
        default=list,
        db_default=[],
        blank=True,
    )

    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    withdrawn_reason = models.CharField(max_length=LONGEST_REASON, blank=True)
    # The case that ended this one, since it brought all of its pictures anew; there is no reason then.
    # No constraint of Django's: ``case_is_replaced_at_its_site``, in the migration, references the site too.
    # No index: nobody asks what a case has replaced without its ``newer_version_of``.
    replaced_by = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    newer_version_of = models.ManyToManyField(
        "self",
        through="triage.NewerVersion",
        through_fields=("newer", "earlier"),
        symmetrical=False,
        related_name="newer_versions",
    )

    going_on: "list[Reading]"  # at most one: see ``reading``

    objects = CaseQuerySet.as_manager()

    #: A patient's data and people's words about a patient.
    OF_PATIENT = frozenset(
        {
            *("accession_number", "patient_reference", "age_band", "sex", "body_part", "side"),
            *("projection", "clinical_question", "withdrawn_reason"),
        }
    )
    #: What the model says of the case, or what that can be read from.
    MODEL_OUTPUT = frozenset(
        {
            *("call", "predicted_class", "confidence", "due_at"),
            *("unread_code", "unread_images", "not_assessable_images"),
        }
    )
    #: An event names these fields and never tells a value: who reads the trail may see no case.
    PRIVATE_FIELDS = OF_PATIENT | MODEL_OUTPUT

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = CONSTRAINTS
        indexes = INDEXES

    def __str__(self) -> str:
        return self.accession_number or self.short_name

    @property
    def is_open(self) -> bool:
        return self.state in UNSIGNED_STATES

    @property
    def is_sealed(self) -> bool:
        """Whether its row says nothing of the model's output: it is blind, and no final opinion is signed."""
        return self.is_blind and self.state not in UNSEALED_STATES and not self.third_because

    @property
    def was_refused(self) -> bool:
        return self.state == CaseState.REFUSED

    @property
    def is_received(self) -> bool:
        """Whether its decision was that it is taken."""
        return self.state not in INTAKE_STATES

    @property
    def reading(self) -> "Reading | None":
        """The reading that goes on, whose claim may have run out. Free where loaded ``with_reading``."""
        if "going_on" not in self.__dict__:
            self.going_on = list(self.readings.going_on().select_related("reader"))
        return next(iter(self.going_on), None)

    def refresh_from_db(self, *args: Any, **options: Any) -> None:
        self.__dict__.pop("going_on", None)
        super().refresh_from_db(*args, **options)

    def is_claimed_by(self, user: User) -> bool:
        """Whether ``user`` holds a claim that has not run out."""
        return self.claim_is_live and self.claimed_by == user

    @property
    def claim_is_live(self) -> bool:
        return self.reading is not None and self.reading.is_claimed

    @property
    def claimed_by(self) -> User | None:
        return self.reading.reader if self.reading else None

    @property
    def claimed_until(self) -> datetime | None:
        return self.reading.claimed_until if self.reading else None
