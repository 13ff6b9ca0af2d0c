"""When a person last looked at what became of the cases that they sent, as the version before kept it.

Only that version still asks for it while the new one starts; the next release drops it. See ``NewAnswer``.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SentLook(models.Model):
    """What was signed after ``looked_at`` was new."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="sent_look"
    )
    looked_at = models.DateTimeField(_("looked"))

    class Meta:
        verbose_name = _("look at what was sent")
        verbose_name_plural = _("looks at what was sent")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.looked_at}"
