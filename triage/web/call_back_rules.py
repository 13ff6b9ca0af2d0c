"""Which differences a site calls its patients back for: the table that its admin edits."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from triage.models import CallBackRule
from triage.models.call_back import CallBackReason, Owner
from triage.report.call_back_rules import set_call_back_rules
from triage.review.call_back_table import Rule, call_back_table
from triage.web.waits import WEEK, managed_site


class CallBackRulesForm(forms.Form):
    """For each difference: whether it opens a call-back, who must act, and within how many minutes."""

    def __init__(self, table: dict[str, Rule], data: Any = None) -> None:
        super().__init__(data)
        for reason, label in CallBackReason.choices:
            rule = table[reason]
            self.fields[f"on_{reason}"] = forms.BooleanField(
                label=label, required=False, initial=rule.is_on
            )
            self.fields[f"owner_{reason}"] = forms.ChoiceField(
                label=_("Who must act"), choices=Owner.choices, initial=rule.owner
            )
            self.fields[f"minutes_{reason}"] = forms.IntegerField(
                label=_("Minutes"), min_value=1, max_value=WEEK, initial=rule.minutes
            )

    def rows(self) -> list[tuple[Any, Any, Any, Any]]:
        return [
            (label, self[f"on_{reason}"], self[f"owner_{reason}"], self[f"minutes_{reason}"])
            for reason, label in CallBackReason.choices
        ]

    def rules(self) -> list[CallBackRule]:
        values = self.cleaned_data
        return [
            CallBackRule(
                reason=reason,
                is_on=values[f"on_{reason}"],
                owner=values[f"owner_{reason}"],
                minutes=values[f"minutes_{reason}"],
            )
            for reason in CallBackReason.values
        ]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def rules(request: SignedInRequest, slug: str) -> HttpResponse:
    """For admins of the site; nobody else learns that the page exists."""
    site = managed_site(request, slug)
    form = CallBackRulesForm(call_back_table(site.pk), request.POST or None)
    if request.method == "POST" and form.is_valid():
        set_call_back_rules(site=site, rules=form.rules(), actor=request.user)
        messages.success(request, _("Saved. Opinions signed from now on follow this table."))
        return redirect("call_back_rules", slug=site.slug)
    status = 400 if form.is_bound else 200
    return render(request, "call_back/rules.html", {"site": site, "form": form}, status=status)
