"""A view of the worklist that a person has given a name."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id

LONGEST_NAME = 40  # characters
LONGEST_PARAMS = 2000  # characters: each filter with all of its values
MOST_OF_A_PERSON = 20


class SavedView(models.Model):
    """``params``: its query string, as ``WorklistQuery.params`` writes it; it holds nothing of a patient.

    Only ``triage.worklist.saved_views`` writes here. It belongs to its person and grants nothing: the list is
    asked for as whoever looks.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # No index of its own: the unique one begins with it.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    params = models.CharField(_("view"), max_length=LONGEST_PARAMS, blank=True)
    is_default = models.BooleanField(_("shown first"), default=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "name"], name="saved_view_is_one_per_person_and_name"
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(is_default=True),
                name="saved_view_default_is_one_per_person",
            ),
        ]

    def __str__(self) -> str:
        return self.name
