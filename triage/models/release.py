"""A released model that was registered here. A prediction names its release for ever."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id


class Release(models.Model):
    """``sha256`` is the manifest's; the manifest holds the hash of every file of the release.

    ``call_is_usable`` is the manifest's own word, written at registration and never changed after.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("name"), max_length=80)
    version = models.CharField(_("version"), max_length=40)
    sha256 = models.CharField(max_length=64, unique=True)
    manifest = models.JSONField()
    folder = models.CharField(max_length=200, help_text=_("Below the installation's model folder."))
    call_is_usable = models.BooleanField(
        _("call may be used"),
        default=False,
        help_text=_("Fracture or none: otherwise every assessable picture counts as in doubt."),
    )
    is_active = models.BooleanField(_("active"), default=False)
    registered_at = models.DateTimeField(_("registered"), auto_now_add=True)
    activated_at = models.DateTimeField(_("activated"), null=True)

    class Meta:
        ordering = ["-registered_at"]
        verbose_name = _("model release")
        verbose_name_plural = _("model releases")
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="release_version_is_one"),
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="release_active_is_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"
