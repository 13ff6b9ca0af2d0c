"""The Django admin of triage: model releases only. No case, picture or finding is shown there."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_base import GuardedModelAdmin
from accounts.requests import SignedInRequest, person
from classifier.manifest import call_figures
from triage.inference.checks import request_check
from triage.inference.releases import activate_release
from triage.models import Release
from triage.models.release import CHECKS
from triage.states import ReleaseState


@admin.register(Release)
class ReleaseAdmin(GuardedModelAdmin):
    list_display = [
        "release",
        "is_active",
        "standing",
        "accuracy",
        "fracture_auroc",
        "fracture_call",
        "activated_at",
    ]
    list_display_links = ["release"]
    readonly_fields = [
        *("name", "version", "is_active", "standing", "activation", "checked_at"),
        *("registered_at", "activated_at", "accuracy", "coarse_accuracy"),
        *("fracture_auroc", "fracture_call", "sha256", "folder"),
    ]
    fields = tuple(readonly_fields)
    actions = ["activate", "check_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Release]:
        """With the manifests, whose figures the page shows."""
        return super().get_queryset(request).defer(None)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # `manage.py register_release FOLDER` verifies the hashes

    def has_change_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        return False  # a release is what its folder says

    def has_choose_permission(self, request: HttpRequest) -> bool:
        """To activate a release or have it checked: acts of their own, since nobody edits a release."""
        return person(request).has_perm("triage.change_release")

    def has_delete_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        return False  # predictions name their release for ever

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page loads itself again while a check is due, so that its end is seen without a click."""
        waits = Release.objects.filter(check_due_at__isnull=False).exists()
        return super().changelist_view(request, {**(extra_context or {}), "checks_wait": waits})

    @admin.display(description=gettext_lazy("model release"), ordering="name")
    def release(self, release: Release) -> str:
        return str(release)

    @admin.display(description=gettext_lazy("can it be used?"))
    def standing(self, release: Release) -> str:
        """Its state as a text, with the reason and what comes next."""
        return standing(release)

    @admin.display(description=gettext_lazy("accuracy of the types, grouped"))
    def accuracy(self, release: Release) -> str:
        metrics = release.manifest.get("metrics", {})
        return _with_interval((metrics.get("types") or {}).get("accuracy"), ".1%")

    @admin.display(description=gettext_lazy("accuracy of the four coarse groups of types"))
    def coarse_accuracy(self, release: Release) -> str:
        """A dash for a release that was measured before there were these groups."""
        metrics = release.manifest.get("metrics", {})
        return _with_interval((metrics.get("coarse") or {}).get("accuracy"), ".1%")

    @admin.display(description=gettext_lazy("AUROC, fracture or none, own folds"))
    def fracture_auroc(self, release: Release) -> str:
        return _with_interval(call_figures(release.manifest).get("auroc"), ".3f")

    @admin.display(description=gettext_lazy("the same on pictures from other hospitals"))
    def fracture_call(self, release: Release) -> str:
        """AUROC on pictures from other hospitals; the figure of the folds says nothing about those.

        Without a set from elsewhere: of a detector that was trained without any picture of that hospital.
        """
        metrics = release.manifest.get("metrics", {})
        detector = metrics.get("detector") or {}
        measured = metrics.get("elsewhere") or detector.get("without_fracatlas") or {}
        figure = _with_interval(measured.get("auroc"), ".3f")
        if release.call_is_usable:
            return _("%(auroc)s: the call is used.") % {"auroc": figure}
        return _("%(auroc)s: the call is not used.") % {"auroc": figure}

    @admin.action(description=gettext_lazy("Make this the active release"), permissions=["choose"])
    def activate(self, request: SignedInRequest, queryset: QuerySet[Release]) -> None:
        release = self._one(request, queryset)
        if release is None:
            return
        activate_release(release, actor=request.user)
        self.message_user(request, _("%(release)s is active now.") % {"release": release})

    @admin.action(
        description=gettext_lazy("Check again whether it can be used"), permissions=["choose"]
    )
    def check_again(self, request: SignedInRequest, queryset: QuerySet[Release]) -> None:
        if release := self._one(request, queryset):
            request_check(release, actor=request.user)
            text = _("A worker checks %(release)s now. This page shows when it is done.")
            self.message_user(request, text % {"release": release})

    def _one(self, request: HttpRequest, queryset: QuerySet[Release]) -> Release | None:
        if queryset.count() == 1:
            return queryset.get()
        self.message_user(request, _("Choose one release."), messages.ERROR)
        return None


def standing(release: Release) -> str:
    """Whether a release can be used, in a sentence or two for the installation's staff."""
    problem = release.problem_to_show
    if release.state == ReleaseState.SET_ASIDE:
        return _("Set aside. %(problem)s") % {"problem": problem}
    if release.check_due_at is None:
        return _("Usable.")
    if not problem:
        return _("Being checked by a worker.")
    values = {
        "problem": problem,
        "tries": CHECKS - release.checks_left,
        "most": CHECKS,
    }
    return _("Being checked: %(tries)s of %(most)s tries made. %(problem)s") % values


def _with_interval(figure: dict[str, Any] | None, shape: str) -> str:
    """A figure of a manifest with its 95 % interval; a dash where the release has none."""
    if not figure:
        return "–"
    value, low, high = (format(number, shape) for number in (figure["value"], *figure["interval"]))
    return f"{value} ({low} – {high})"
