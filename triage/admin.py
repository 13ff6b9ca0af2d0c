"""The Django admin of triage: model releases only. No case, picture or finding is shown there."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_base import GuardedModelAdmin
from accounts.requests import SignedInRequest
from triage.inference.releases import activate_release
from triage.models import Release


@admin.register(Release)
class ReleaseAdmin(GuardedModelAdmin):
    list_display = [
        *("name", "version", "is_active", "registered_at", "activated_at"),
        *("accuracy", "fracture_auroc"),
    ]
    readonly_fields = [field.name for field in Release._meta.fields]
    actions = ["activate"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # `manage.py register_release FOLDER` verifies the hashes

    def has_change_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        return False  # a release is what its folder says

    def has_delete_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        return False  # predictions name their release for ever

    @admin.display(description=_("accuracy of the types, grouped"))
    def accuracy(self, release: Release) -> str:
        metrics = release.manifest.get("metrics", {})
        return _with_interval(
            metrics.get("types", metrics).get("accuracy"), ".1%"
        )  # format 1: flat

    @admin.display(description=_("AUROC, fracture or none"))
    def fracture_auroc(self, release: Release) -> str:
        metrics = release.manifest.get("metrics", {})
        return _with_interval(metrics.get("fracture", {}).get("auroc"), ".3f")

    @admin.action(description=_("Make this the active release"))
    def activate(self, request: SignedInRequest, queryset: QuerySet[Release]) -> None:
        if queryset.count() != 1:
            self.message_user(request, _("Choose one release."), messages.ERROR)
            return
        release = activate_release(queryset.get(), actor=request.user)
        self.message_user(request, _("%(release)s is active now.") % {"release": release})


def _with_interval(figure: dict[str, Any] | None, shape: str) -> str:
    """A figure of a manifest with its 95 % interval; a dash where the release has none."""
    if not figure:
        return "–"
    value, low, high = (format(each, shape) for each in (figure["value"], *figure["interval"]))
    return f"{value} ({low} – {high})"
