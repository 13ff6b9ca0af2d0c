"""The Django admin of people, sites, memberships, tokens and the audit trail. No case is shown here."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from knox.models import AuthToken

from accounts.acts import Act, act_of
from accounts.admin_base import GuardedModelAdmin, ReadOnly, Undeletable
from accounts.forms import StaffPersonForm
from accounts.models import AuditEntry, Membership, Site, User
from accounts.requests import person
from accounts.services.accounts import change_account, make_account
from accounts.services.people import add_member, change_roles, end_membership, restore_membership
from accounts.services.permission import may_change
from accounts.services.sites import save_site
from accounts.services.tokens import revoke_any_token

admin.site.site_header = _("Callus administration")
admin.site.site_title = _("Callus")
admin.site.index_title = _("People, sites and model releases")
admin.site.unregister(Group)  # roles are held by memberships
admin.site.unregister(EmailAddress)  # a person has one address, on their own page
admin.site.unregister(AuthToken)  # knox's own page offers to make tokens


@admin.register(User)
class UserAdmin(Undeletable):
    form = StaffPersonForm
    list_display = ["email", "name", "is_active", "is_staff", "is_service", "last_login"]
    list_filter = ["is_active", "is_staff", "is_service"]
    search_fields = ["email", "name"]
    ordering = ["name", "email"]  # also of the pages that the search of a membership's form loads

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Staff see everybody; only a superuser changes a superuser or staff, themselves included."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_change(person(request), obj))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Makes read-only what the services would refuse to change."""
        top = person(request).is_superuser
        fixed = [] if top else ["is_staff", "is_superuser"]
        if obj and obj.is_service:
            return ["email", "is_staff", "is_superuser"]
        if obj and obj.has_usable_password() and not top:
            fixed.append("email")
        return fixed

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        if not change:
            make_account(account=obj, actor=person(request))
            return
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        change_account(account=obj, changes=changes, actor=person(request))


@admin.register(Site)
class SiteAdmin(Undeletable):
    list_display = ["name", "slug", "time_zone", "is_active"]
    search_fields = ["name", "slug"]
    ordering = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}

    def save_model(self, request: HttpRequest, obj: Site, form: ModelForm, change: bool) -> None:
        save_site(site=obj, actor=person(request))


@admin.register(Membership)
class MembershipAdmin(Undeletable):
    list_display = ["user", "site", "roles", "is_active"]
    list_filter = ["site", "is_active"]
    search_fields = ["user__email", "user__name"]
    autocomplete_fields = ["user", "site"]

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_change(person(request), obj.user))

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> list[str]:
        """A membership never moves to another person or site: signed work names it."""
        return ["user", "site"] if obj else ["is_active"]

    def save_model(
        self, request: HttpRequest, obj: Membership, form: ModelForm, change: bool
    ) -> None:
        actor, given = person(request), form.cleaned_data
        if not change:
            made = add_member(site=obj.site, user=obj.user, roles=given["roles"], actor=actor)
            obj.pk = made.pk
            return
        if "roles" in form.changed_data:
            change_roles(membership=obj, roles=given["roles"], actor=actor)
        if "is_active" in form.changed_data:
            switch = restore_membership if given["is_active"] else end_membership
            switch(membership=obj, actor=actor)


@admin.register(AuthToken)
class TokenAdmin(GuardedModelAdmin):
    """Tokens can be seen by their first letters and revoked; nobody can read one."""

    list_display = ["token_key", "user", "created", "expiry"]
    search_fields = ["user__email"]
    fields = ("token_key", "user", "created", "expiry")
    readonly_fields = ("token_key", "user", "created", "expiry")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuthToken | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuthToken | None = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or may_change(person(request), obj.user))

    def delete_model(self, request: HttpRequest, obj: AuthToken) -> None:
        revoke_any_token(token=obj, actor=person(request))


class ActFilter(admin.SimpleListFilter):
    """Filters by act, with all values that versions of Callus stored for it. Django's own filter would read
    the whole trail."""

    title = _("what")
    parameter_name = "act"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:
        return [(act.value, act.label) for act in Act]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry]
    ) -> QuerySet[AuditEntry]:
        act = act_of(self.value() or "")
        return queryset.filter(verb__in=act.stored_values) if act else queryset


@admin.register(AuditEntry)
class AuditAdmin(ReadOnly):
    list_display = ["at", "site", "actor", "what", "subject_type", "subject_id", "address"]
    list_filter = [ActFilter, "site"]
    list_select_related = ["site", "actor"]
    show_full_result_count = False

    @admin.display(description=_("what"))
    def what(self, entry: AuditEntry) -> str:
        return entry.label
