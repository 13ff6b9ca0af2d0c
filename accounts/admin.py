"""The Django admin of people, sites, memberships, tokens and the audit trail. No case is shown here."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

from accounts.forms import StaffPersonForm
from accounts.models import AuditEntry, Membership, Site, User
from accounts.requests import person
from accounts.services.audit import record
from accounts.services.sites import save_site

admin.site.site_header = _("Callus administration")
admin.site.site_title = _("Callus")
admin.site.index_title = _("People, sites and model releases")
admin.site.unregister(Group)  # roles are held by memberships
admin.site.unregister(EmailAddress)  # a person has one address, on their own page
admin.site.unregister(AuthToken)  # knox's own page offers to make tokens


class Undeletable(admin.ModelAdmin):
    """History names these rows for ever: they are made inactive instead."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(Undeletable):
    form = StaffPersonForm
    list_display = ["email", "name", "is_active", "is_staff", "is_service", "last_login"]
    list_filter = ["is_active", "is_staff", "is_service"]
    search_fields = ["email", "name"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Only a superuser makes staff: nobody raises themselves."""
        return () if person(request).is_superuser else ("is_staff", "is_superuser")

    def save_model(self, request: HttpRequest, user: User, form: ModelForm, change: bool) -> None:
        user.email = user.email.strip().lower()
        if not change:
            user.set_unusable_password()  # chosen by the person, by "Forgot password"
        super().save_model(request, user, form, change)
        verb = "user.changed" if change else "user.made"
        record(verb, user, actor=person(request), fields=sorted(form.changed_data))


@admin.register(Site)
class SiteAdmin(Undeletable):
    list_display = ["name", "slug", "time_zone", "is_active"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}

    def save_model(self, request: HttpRequest, site: Site, form: ModelForm, change: bool) -> None:
        save_site(site=site, actor=person(request))


@admin.register(Membership)
class MembershipAdmin(Undeletable):
    list_display = ["user", "site", "roles", "is_active"]
    list_filter = ["site", "is_active"]
    search_fields = ["user__email", "user__name"]
    autocomplete_fields = ["user", "site"]

    def save_model(
        self, request: HttpRequest, membership: Membership, form: ModelForm, change: bool
    ) -> None:
        super().save_model(request, membership, form, change)
        verb = "membership.changed" if change else "membership.added"
        site, roles = membership.site, membership.roles
        record(verb, membership, actor=person(request), site=site, roles=roles)


@admin.register(AuthToken)
class TokenAdmin(admin.ModelAdmin):
    """Tokens can be seen by their first letters and revoked; nobody can read one."""

    list_display = ["token_key", "user", "created", "expiry"]
    search_fields = ["user__email"]
    fields = ("token_key", "user", "created", "expiry")
    readonly_fields = ("token_key", "user", "created", "expiry")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuthToken | None = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, token: AuthToken) -> None:
        key, user = token.token_key, token.user
        super().delete_model(request, token)
        record("token.revoked", user, actor=person(request), token_key=key)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for token in queryset:
            self.delete_model(request, token)


@admin.register(AuditEntry)
class AuditAdmin(Undeletable):
    list_display = ["at", "site", "actor", "verb", "subject_type", "subject_id"]
    list_filter = ["verb", "site"]
    list_select_related = ["site", "actor"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEntry | None = None) -> bool:
        return False
