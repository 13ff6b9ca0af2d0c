"""What was done, by whom, in an order nobody can rewrite.

A PostgreSQL trigger numbers the rows of each site, chains each one to the row before it by SHA-256, sets
its time, and refuses UPDATE, DELETE and TRUNCATE; the application's role has no right to them either.
Verified by ``manage.py verify_audit``.
"""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, act_of
from accounts.models.site import Site

# Acts on people, API clients and their tokens. A list of prefixes, so that a new verb belongs by its name.
ABOUT_PEOPLE = (
    Q(verb__startswith="membership.") | Q(verb__startswith="client.") | Q(verb__startswith="token.")
)


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def about_people(self) -> "AuditEntryQuerySet":
        """Acts on people, API clients and tokens; the filter that the index audit_about_people has."""
        return self.filter(ABOUT_PEOPLE)


class AuditEntry(models.Model):
    """One act. ``verb`` is a word of ``Act``, or one of an earlier version. ``detail`` holds ids, states and
    codes, ``before`` and ``after`` of what changed, and under ``untold`` the names of changed fields whose
    values aren't written down: never a patient's data.

    ``version`` is the format that ``hash`` covers: 1 joins fields by "|"; 2 writes each with its length and
    covers ``number``, the row's place in its site's chain from 1 up, and ``address``, the client's IP address
    (null where no request asked for it). The trigger fills ``id``, ``at``, ``version``, ``number`` and
    the hashes.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("when"), db_default=Now(), editable=False)
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    verb = models.CharField(_("what"), max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    detail = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    request_id = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True, editable=False)
    version = models.PositiveSmallIntegerField(default=2, editable=False)
    number = models.PositiveBigIntegerField(default=0, editable=False)
    previous_hash = models.CharField(max_length=64, editable=False, default="")
    hash = models.CharField(max_length=64, editable=False, default="")

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        constraints = [
            # Also the trigger's look-up of a chain's last row: one index entry, however long the trail.
            models.UniqueConstraint(
                fields=["site", "number"],
                nulls_distinct=False,
                name="audit_number_is_one_per_chain",
            )
        ]
        indexes = [
            # No page asks for it: an operator does in SQL, when somebody asks who has done what to one case.
            models.Index(fields=["subject_type", "subject_id", "id"], name="audit_by_subject"),
            # The Django admin's list of one site, in the order of the entries.
            models.Index(fields=["site", "-id"], name="audit_by_site"),
            # The people page's log: a clinic signs thousands of cases between two changes of its people.
            models.Index(fields=["site", "-id"], condition=ABOUT_PEOPLE, name="audit_about_people"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb}"

    @property
    def act(self) -> Act | None:
        """What ``verb`` means, also if an earlier version wrote it; None for an unknown value."""
        return act_of(self.verb)

    @property
    def label(self) -> str:
        """The act in the reader's language."""
        return str(self.act.label) if self.act else self.verb
