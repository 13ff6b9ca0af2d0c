"""A reader's own shorthand: a word that becomes a text in the fields of an opinion."""

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id

LONGEST_SHORTCUT = 24  # characters, with the slash
LONGEST_TEXT = 2000  # characters: half of a comment
MOST_OF_A_READER = 100


class Macro(models.Model):
    """``shortcut``: "/nf", in small letters. Only ``triage.review.macros`` writes here.

    It belongs to its reader; nobody else sees it. What is signed with it is the text, not the macro.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # No index of its own: the unique one begins with it.
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    shortcut = models.CharField(_("shortcut"), max_length=LONGEST_SHORTCUT)
    text = models.TextField(_("text"), validators=[MaxLengthValidator(LONGEST_TEXT)])

    class Meta:
        verbose_name = _("macro")
        verbose_name_plural = _("macros")
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "shortcut"], name="macro_is_one_per_reader_and_shortcut"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="macro_has_a_text"),
        ]

    def __str__(self) -> str:
        return self.shortcut
