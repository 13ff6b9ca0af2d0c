"""The Django admin's site: it has no page of its own that takes a password."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.views import logout
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpRequest
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache


class CallusAdminSite(AdminSite):
    """Signing in, signing out and passwords are those of the site's own pages.

    Django's own pages would count no wrong password, write no audit row and leave API tokens alive.
    Their addresses stay, since the admin's templates name them; they lead to our pages.
    """

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Answers 400 to an id or a character that no row can hold. Django's own views would query for it."""

        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            asked = [value for _name, values in request.GET.lists() for value in values]
            chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
            if any("\0" in str(value) for value in (*asked, *chosen, *args, *kwargs.values())):
                raise BadRequest
            try:
                answer = view(request, *args, **kwargs)
                if isinstance(answer, SimpleTemplateResponse):
                    answer.render()  # now, since a list of choices looks ids up while it is drawn
                return answer
            except ValidationError as malformed:  # of no form: forms say it on their page
                raise BadRequest from malformed

        return super().admin_view(checked, cacheable)

    def get_urls(self) -> list[Any]:
        """Without ``view_on_site``: it builds an address from the Host header, for rows of any model."""
        return [one for one in super().get_urls() if getattr(one, "name", "") != "view_on_site"]

    @method_decorator(never_cache)
    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            # The sign-in page would send a signed-in person straight back here, for ever.
            raise PermissionDenied
        after = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        return redirect_to_login(after, settings.LOGIN_URL)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return logout(request)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return redirect("account_change_password")

    def password_change_done(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return redirect("admin:index")
