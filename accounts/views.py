"""The page where a site's admin manages its people and API clients."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from knox.models import AuthToken

from accounts.forms import PERSON_ROLES, ClientForm, PersonForm
from accounts.models import Membership, Site
from accounts.people_log import people_log, read_before
from accounts.people_rows import person_rows
from accounts.refusals import Conflict, Refused
from accounts.requests import SignedInRequest
from accounts.roles import Role
from accounts.services import people, tokens
from accounts.services.invitations import invite_after_commit
from accounts.services.permission import managed_sites, refusal_of_clients

SiteView = Callable[Concatenate[SignedInRequest, Site, ...], HttpResponse]


def of_managed_site(view: SiteView) -> Callable[..., HttpResponse]:
    """Passes the site of the URL to the view. Answers 404 to everybody who doesn't administer it."""

    @login_required
    @wraps(view)
    def wrapper(request: SignedInRequest, slug: str, **arguments: object) -> HttpResponse:
        site = get_object_or_404(managed_sites(request.user), slug=slug)
        return view(request, site, **arguments)

    return wrapper


def _page(
    request: SignedInRequest,
    site: Site,
    status: int = 200,
    before: int | None = None,
    **changed: object,
) -> HttpResponse:
    members = (
        Membership.objects.filter(site=site)
        .select_related("user")
        .order_by("-is_active", "user__name")
    )
    clients = [member for member in members if Role.SERVICE in member.roles]
    tokens_of = AuthToken.objects.filter(user__in=[member.user_id for member in clients])
    by_user: dict[object, list[AuthToken]] = {}
    for token in tokens_of.order_by("created", "digest"):
        by_user.setdefault(token.user_id, []).append(token)
    context = {
        "site": site,
        "people": person_rows(
            [member for member in members if Role.SERVICE not in member.roles], request.user, site
        ),
        "role_choices": PERSON_ROLES,
        "clients": [(member, by_user.get(member.user_id, [])) for member in clients],
        "clients_refusal": refusal_of_clients(request.user, site),
        "person_form": PersonForm(),
        "client_form": ClientForm(),
        "log": people_log(site, before),
        **changed,
    }
    return render(request, "accounts/people.html", context, status=status)


@require_safe
@of_managed_site
def people_page(request: SignedInRequest, site: Site) -> HttpResponse:
    try:
        before = read_before(request.GET.get("before", ""))
    except ValueError:
        messages.error(request, _("This page address is damaged. The newest changes are shown."))
        return _page(request, site, 400)
    return _page(request, site, before=before)


@require_POST
@of_managed_site
def add(request: SignedInRequest, site: Site) -> HttpResponse:
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _page(request, site, 400, person_form=form)
    try:
        membership, new = people.add_person(site=site, actor=request.user, **form.cleaned_data)
    except Refused as refused:
        form.add_error(None, refused.message)
        return _page(request, site, 400, person_form=form)
    if new:
        invite_after_commit(membership)
        text = _("%(person)s was added and invited by mail to choose a password.")
    else:
        text = _("%(person)s was added.")
    messages.success(request, text % {"person": membership.user})
    return redirect("people", slug=site.slug)


def _member(site: Site, membership_id: object) -> Membership:
    return get_object_or_404(
        Membership.objects.select_related("user", "site"), site=site, pk=membership_id
    )


def _try(request: SignedInRequest, site: Site, act: Callable[[], str]) -> HttpResponse:
    """Calls a service. If it refuses, the page says why."""
    try:
        messages.success(request, act())
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("people", slug=site.slug)


@require_POST
@of_managed_site
def change(request: SignedInRequest, site: Site, membership_id: object) -> HttpResponse:
    member = _member(site, membership_id)

    def act() -> str:
        roles = request.POST.getlist("roles")
        people.change_roles(membership=member, roles=roles, actor=request.user)
        return _("The roles of %(person)s were changed.") % {"person": member.user}

    return _try(request, site, act)


@require_POST
@of_managed_site
def end(request: SignedInRequest, site: Site, membership_id: object) -> HttpResponse:
    member = _member(site, membership_id)

    def act() -> str:
        people.end_membership(membership=member, actor=request.user)
        return _("%(person)s no longer belongs to this site.") % {"person": member.user}

    return _try(request, site, act)


@require_POST
@of_managed_site
def restore(request: SignedInRequest, site: Site, membership_id: object) -> HttpResponse:
    member = _member(site, membership_id)

    def act() -> str:
        people.restore_membership(membership=member, actor=request.user)
        return _("%(person)s is back.") % {"person": member.user}

    return _try(request, site, act)


@require_POST
@of_managed_site
def client_add(request: SignedInRequest, site: Site) -> HttpResponse:
    form = ClientForm(request.POST)
    if not form.is_valid():
        return _page(request, site, 400, client_form=form)
    try:
        member, token = tokens.create_api_client(site=site, actor=request.user, **form.cleaned_data)
    except Conflict as refused:
        messages.error(request, refused.message)
        return redirect("people", slug=site.slug)
    except Refused as refused:
        form.add_error("name", refused.message)
        return _page(request, site, 400, client_form=form)
    return _page(request, site, 201, new_token=token, token_owner=member.user)


@require_POST
@of_managed_site
def token_add(request: SignedInRequest, site: Site, membership_id: object) -> HttpResponse:
    member = _member(site, membership_id)
    try:
        known = request.POST.get("known")
        token = tokens.create_token(membership=member, actor=request.user, known=known)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("people", slug=site.slug)
    return _page(request, site, 201, new_token=token, token_owner=member.user)


@require_POST
@of_managed_site
def token_revoke(
    request: SignedInRequest, site: Site, membership_id: object, token_key: str
) -> HttpResponse:
    member = _member(site, membership_id)

    def act() -> str:
        tokens.revoke_token(membership=member, token_key=token_key, actor=request.user)
        return _("The token was revoked and no longer works.")

    return _try(request, site, act)
