"""Which signed opinions a site calls critical, and who is notified after whom: its admin's table."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from accounts.requests import SignedInRequest
from triage.models import Notice
from triage.models.call_back import Owner
from triage.report.critical_rules import set_critical_table
from triage.review.critical_table import CriticalTable, Matches, Step, critical_table
from triage.vocabulary import BodyPart, FractureClass
from triage.web.waits import WEEK, managed_site

MOST_STEPS = 4
EMPTY_ROWS = 2  # for new rules; who needs more saves and goes on
MOST_NOTICES = 50
SAVED = _(
    "Saved. What is critical holds for opinions signed from now on; who is notified, also for what waits."
)
CLASSES = [("", _("Any fracture")), *FractureClass.choices]
PARTS = [("", _("Any body part")), *BodyPart.choices]


class CriticalRulesForm(forms.Form):
    """A row for each rule and some empty ones; a row for each step. A row that isn't ticked goes."""

    def __init__(self, table: CriticalTable, data: Any = None) -> None:
        super().__init__(data)
        self.rule_count = self._rows_of(data) if data else len(table.rules) + EMPTY_ROWS
        for number in range(self.rule_count):
            known = number < len(table.rules)
            rule = table.rules[number] if known else Matches()
            self.fields[f"on_{number}"] = forms.BooleanField(required=False, initial=known)
            self.fields[f"class_{number}"] = forms.ChoiceField(
                choices=CLASSES, required=False, initial=rule.fracture_class
            )
            self.fields[f"part_{number}"] = forms.ChoiceField(
                choices=PARTS, required=False, initial=rule.body_part
            )
            self.fields[f"possible_{number}"] = forms.BooleanField(
                required=False, initial=rule.also_possible
            )
        for number in range(MOST_STEPS):
            self._add_step(number, table)

    def _add_step(self, number: int, table: CriticalTable) -> None:
        step = table.steps[number] if number < len(table.steps) else None
        nobody = [] if number == 0 else [("", _("Nobody else"))]
        self.fields[f"role_{number}"] = forms.ChoiceField(
            choices=[*nobody, *Owner.choices],
            required=number == 0,
            initial=step.role if step else "",
        )
        self.fields[f"minutes_{number}"] = forms.IntegerField(
            min_value=1, max_value=WEEK, required=False, initial=step.minutes if step else 15
        )

    @staticmethod
    def _rows_of(data: Any) -> int:
        most = len(FractureClass) * len(BodyPart)
        return sum(1 for number in range(most) if f"class_{number}" in data)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for number in range(MOST_STEPS):
            if values.get(f"role_{number}") and not values.get(f"minutes_{number}"):
                self.add_error(
                    f"minutes_{number}", _("After how many minutes is the next notified?")
                )
        return values

    def rule_rows(self) -> list[tuple[Any, ...]]:
        return [
            (
                number + 1,
                *(self[f"{name}_{number}"] for name in ("on", "class", "part", "possible")),
            )
            for number in range(self.rule_count)
        ]

    def step_rows(self) -> list[tuple[int, Any, Any]]:
        numbers = range(MOST_STEPS)
        return [
            (number + 1, self[f"role_{number}"], self[f"minutes_{number}"]) for number in numbers
        ]

    def rules(self) -> list[Matches]:
        values = self.cleaned_data
        return [
            Matches(
                values[f"class_{number}"], values[f"part_{number}"], values[f"possible_{number}"]
            )
            for number in range(self.rule_count)
            if values[f"on_{number}"]
        ]

    def steps(self) -> list[Step]:
        values = self.cleaned_data
        return [
            Step(values[f"role_{number}"], values[f"minutes_{number}"])
            for number in range(MOST_STEPS)
            if values[f"role_{number}"]
        ]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def rules(request: SignedInRequest, slug: str) -> HttpResponse:
    """For admins of the site; nobody else learns that the page exists."""
    site = managed_site(request, slug)
    form = CriticalRulesForm(critical_table(site.pk), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            set_critical_table(
                site=site, rules=form.rules(), steps=form.steps(), actor=request.user
            )
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, SAVED)
            return redirect("critical_rules", slug=site.slug)
    sent = Notice.objects.filter(site=site).select_related("person")
    context = {
        "site": site,
        "form": form,
        "notices": sent.order_by("-created_at", "-pk")[:MOST_NOTICES],
    }
    return render(request, "critical/rules.html", context, status=400 if form.is_bound else 200)
