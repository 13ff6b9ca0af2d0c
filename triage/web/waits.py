"""How long cases of a site may wait: the table that its clinical lead edits."""

import hashlib
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import sites_where
from accounts.models import Site
from accounts.requests import SignedInRequest
from accounts.roles import MANAGES_SITE
from triage.models import Redating, WaitRule
from triage.templatetags.formats import percent
from triage.vocabulary import FractureClass, Priority
from triage.web.fragments import fragment
from triage.web.per_cent import in_percent, percent_field, share_of
from triage.worklist.deadlines import CalledClass, WaitTable, half
from triage.worklist.preview import preview_of
from triage.worklist.wait_rules import set_wait_rules

WEEK = 7 * 24 * 60  # minutes


class WaitsForm(forms.Form):
    """Minutes for each priority, and in doubt; minutes and a least confidence in per cent for each class."""

    def __init__(self, table: WaitTable, data: Any = None) -> None:
        super().__init__(data)
        for value, label in Priority.choices:
            self.fields[f"priority_{value}"] = self._minutes(label, table.priorities[value])
            self.fields[f"doubt_{value}"] = self._in_doubt(table, value)
        for name, label in FractureClass.choices:
            minutes, confidence = table.classes[name]
            self.fields[f"class_{name}"] = self._minutes(label, minutes)
            field = self.fields[f"from_{name}"] = percent_field(_("From confidence (%)"))
            field.initial = in_percent(confidence)

    def _minutes(self, label: Any, initial: int) -> forms.IntegerField:
        return forms.IntegerField(label=label, min_value=1, max_value=WEEK, initial=initial)

    def _in_doubt(self, table: WaitTable, priority: int) -> forms.IntegerField:
        """Left empty it stays half of the priority's wait, whatever that becomes."""
        hint = _("half: %(minutes)d") % {"minutes": half(table.priorities[priority])}
        return forms.IntegerField(
            label=_("In doubt"),
            min_value=1,
            max_value=WEEK,
            required=False,
            initial=table.doubts.get(priority),
            widget=forms.NumberInput({"placeholder": hint}),
        )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for priority in Priority.values:
            minutes, doubt = values.get(f"priority_{priority}"), values.get(f"doubt_{priority}")
            if minutes is not None and doubt is not None and doubt > minutes:
                text = _(
                    "A case in doubt never waits longer than its priority: at most %(minutes)d."
                )
                self.add_error(f"doubt_{priority}", text % {"minutes": minutes})
        return values

    def priority_rows(self) -> list[tuple[Any, Any, Any]]:
        return [
            (label, self[f"priority_{value}"], self[f"doubt_{value}"])
            for value, label in Priority.choices
        ]

    def class_rows(self) -> list[tuple[Any, Any, Any]]:
        names = FractureClass.choices
        return [(label, self[f"class_{name}"], self[f"from_{name}"]) for name, label in names]

    def rules(self) -> list[WaitRule]:
        values = self.cleaned_data
        by_priority = [
            WaitRule(
                priority=value,
                minutes=values[f"priority_{value}"],
                doubt_minutes=values[f"doubt_{value}"],
            )
            for value in Priority.values
        ]
        by_class = [
            WaitRule(
                predicted_class=name,
                minutes=values[f"class_{name}"],
                minimum_confidence=share_of(values[f"from_{name}"]),
            )
            for name in FractureClass.values
        ]
        return by_priority + by_class


def in_hours(wait: timedelta) -> str:
    """As a table of waits says it: "30 min", "4 h", "1 h 30 min", "24 h"."""
    hours, minutes = divmod(int(wait.total_seconds() // 60), 60)
    if not hours:
        return gettext("%(minutes)d min") % {"minutes": minutes}
    if not minutes:
        return gettext("%(hours)d h") % {"hours": hours}
    return gettext("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}


def examples(table: WaitTable) -> list[tuple[str, list[str]]]:
    """Examples of ``table``: a text that describes a case, and its wait for each priority."""
    name, (_minutes, confidence) = min(table.classes.items(), key=lambda item: item[1])
    unsure = CalledClass("", 0.0)
    sure = CalledClass(name, confidence)
    values = {"class": FractureClass(name).label, "confidence": percent(confidence)}
    cases: list[tuple[str, CalledClass | None]] = [
        (gettext("Not read, not assessable, or no fracture seen"), None),
        (gettext("Fracture suspected or in doubt, class unsure"), unsure),
        (gettext("Fracture suspected or in doubt, %(class)s %(confidence)s") % values, sure),
    ]
    return [
        (text, [in_hours(table.allowed(priority, called)) for priority in Priority.values])
        for text, called in cases
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def waits(request: SignedInRequest, slug: str) -> HttpResponse:
    """For admins of the site; nobody else learns that the page exists."""
    site = managed_site(request, slug)
    table = WaitTable.of(site.pk)
    form = WaitsForm(table, request.POST or None)
    shown: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        shown = _preview(request, site, form)
        if request.POST.get("shown") == shown["shown"] and "look" not in request.POST:
            set_wait_rules(site=site, rules=form.rules(), actor=request.user)
            messages.success(request, _("Saved. New cases wait by this table from now on."))
            return redirect("waits", slug=site.slug)
    status = 400 if form.is_bound and not shown else 200
    context = shown | {
        "site": site,
        "form": form,
        "examples": examples(table),
        "priorities": Priority.labels,
        "redating": _latest_redating(site),
    }
    return render(request, "waits/waits.html", context, status=status)


@require_POST
@login_required
@fragment
def preview(request: SignedInRequest, slug: str) -> HttpResponse:
    """What the typed table would do alone: the page asks for it while somebody types."""
    site = managed_site(request, slug)
    form = WaitsForm(WaitTable.of(site.pk), request.POST)
    context = _preview(request, site, form) if form.is_valid() else {}
    return render(request, "waits/preview.html", context | {"form": form})


def _preview(request: SignedInRequest, site: Site, form: WaitsForm) -> dict[str, Any]:
    """What the table of the form would do, and ``shown``, which says of which table that is.

    A form that is saved sends ``shown`` along: nobody saves a table whose effect they haven't seen.
    """
    table = WaitTable.from_rules(form.rules())
    shown = hashlib.sha256(repr(table).encode()).hexdigest()[:16]
    return {"preview": preview_of(site, table, request.user), "shown": shown}


@require_safe
@login_required
@fragment
def progress(request: SignedInRequest, slug: str) -> HttpResponse:
    """The progress of re-dating alone: the page asks for it again while it runs."""
    site = managed_site(request, slug)
    context = {"site": site, "redating": _latest_redating(site)}
    return render(request, "waits/progress.html", context)


def managed_site(request: SignedInRequest, slug: str) -> Site:
    """The site of the URL. Answers 404 to everybody who isn't one of its admins."""
    sites = Site.objects.filter(pk__in=sites_where(request.user, MANAGES_SITE))
    return get_object_or_404(sites, slug=slug)


def _latest_redating(site: Site) -> Redating | None:
    return Redating.objects.filter(site=site).order_by("-requested_at", "-pk").first()
