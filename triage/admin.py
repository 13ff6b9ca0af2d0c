"""The Django admin of triage: model releases only. No case, picture or finding is shown there."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.requests import SignedInRequest
from triage.inference.releases import activate_release
from triage.models import Release


@admin.register(Release)
class ReleaseAdmin(admin.ModelAdmin):
    list_display = ["name", "version", "is_active", "registered_at", "activated_at", "accuracy"]
    readonly_fields = [field.name for field in Release._meta.fields]
    actions = ["activate"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # `manage.py register_release FOLDER` verifies the hashes

    def has_delete_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        return False  # predictions name their release for ever

    @admin.display(description=_("accuracy, grouped"))
    def accuracy(self, release: Release) -> str:
        figure = release.manifest.get("metrics", {}).get("accuracy")
        if isinstance(figure, dict):
            low, high = figure["interval"]
            return f"{figure['value']:.1%} ({low:.1%} to {high:.1%})"
        return "–"

    @admin.action(description=_("Make this the active release"))
    def activate(self, request: SignedInRequest, queryset: QuerySet[Release]) -> None:
        if queryset.count() != 1:
            self.message_user(request, _("Choose one release."), messages.ERROR)
            return
        release = activate_release(queryset.get(), actor=request.user)
        self.message_user(request, _("%(release)s is active now.") % {"release": release})
