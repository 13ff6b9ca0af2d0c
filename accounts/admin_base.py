"""What every page of the Django admin has in common: closed lists, and services behind each write."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.filters import SimpleListFilter
from django.db import models, transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts.forms import TextField
from accounts.refusals import Refused
from accounts.texts import as_read


class GuardedModelAdmin(admin.ModelAdmin):
    """The base of every registered ModelAdmin; a test walks the registry.

    A subclass that writes overrides ``save_model`` or ``delete_model`` and calls a service there: the
    service checks the permission, keeps the rules, and records what was changed.
    """

    view_on_site = False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """An allow-list: only what the page's own filters send.

        Django's own rule lets every field of the row through, so that
        ``?password__startswith=`` reads a hash letter by letter.
        """
        filters = self.list_filter if request is None else self.get_list_filter(request)
        return any(lookup in self._sent_by(one) for one in filters)

    def _sent_by(self, list_filter: Any) -> set[str]:
        """The query parameters that the links of one list filter send."""
        if isinstance(list_filter, type) and issubclass(list_filter, SimpleListFilter):
            return {str(list_filter.parameter_name)}
        path = list_filter[0] if isinstance(list_filter, (list, tuple)) else str(list_filter)
        model: Any = self.model
        for part in path.split("__"):
            field: Any = model._meta.get_field(part)
            model = field.related_model
        if field.is_relation:
            return {f"{path}__{field.target_field.name}__exact", f"{path}__isnull"}
        sent = {path, f"{path}__exact", f"{path}__isnull"}
        if isinstance(field, models.DateField):
            sent |= {f"{path}__gte", f"{path}__lt"}
        return sent

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: Any
    ) -> Any:
        """A text as its reader sees it; not addresses and slugs, which have checks of their own."""
        if type(db_field) is models.CharField and not db_field.choices:
            kwargs.setdefault("form_class", TextField)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return super().get_search_results(request, queryset, as_read(search_term))

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm, change: bool) -> None:
        raise NotImplementedError("Write through a service: override save_model.")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        raise NotImplementedError("Write through a service: override delete_model.")

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        view = super().changeform_view
        return self._or_say_why(request, lambda: view(request, object_id, form_url, extra_context))

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        view = super().delete_view
        return self._or_say_why(request, lambda: view(request, object_id, extra_context))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        view = super().changelist_view
        return self._or_say_why(request, lambda: view(request, extra_context))

    def _or_say_why(self, request: HttpRequest, act: Callable[[], HttpResponse]) -> HttpResponse:
        """Calls a service. If it refuses, the same page says why; Django has rolled back by then."""
        try:
            return act()
        except Refused as refused:
            self.message_user(request, refused.message, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


class Undeletable(GuardedModelAdmin):
    """History names these rows for ever: they are made inactive instead."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnly(Undeletable):
    """Rows that are looked at here and written elsewhere."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
