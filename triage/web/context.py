"""What the top of every page needs to know."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from accounts.roles import MANAGES_SITE, READS_CASES, SENDS_CASES
from triage.inference.health import ModelStatus, model_status

THEMES = ("dark", "light")
NOTICES = {
    ModelStatus.ON: "",
    ModelStatus.DELAYED: _(
        "Classification is delayed. Cases are safe, keep their deadlines, and can be read without it."
    ),
    ModelStatus.OFF: _(
        "No model is in use. Cases are safe, keep their deadlines, and are read without it."
    ),
}


def site_navigation(request: HttpRequest) -> dict[str, Any]:
    """Where the person may go; whether the model reads cases; the theme they chose."""
    theme = request.COOKIES.get("theme", "")
    common: dict[str, Any] = {"theme": theme if theme in THEMES else ""}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return common

    def memberships() -> list[Membership]:
        mine = Membership.objects.current().filter(user=user).select_related("site")
        return list(mine.order_by("site__name"))

    held = SimpleLazyObject(memberships)
    return common | {
        "memberships": held,
        "reads_cases": SimpleLazyObject(lambda: _any(held, READS_CASES)),
        "sends_cases": SimpleLazyObject(lambda: _any(held, SENDS_CASES)),
        "managed": SimpleLazyObject(
            lambda: [
                membership.site for membership in held if set(membership.roles) & set(MANAGES_SITE)
            ]
        ),
        "model_notice": SimpleLazyObject(
            lambda: NOTICES[model_status()] if _any(held, READS_CASES) else ""
        ),
    }


def _any(memberships: Any, roles: tuple[str, ...]) -> bool:
    return any(set(membership.roles) & set(roles) for membership in memberships)
