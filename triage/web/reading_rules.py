"""How a site reads: which of its cases blind first, and when a third reader is asked."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import TextChoices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from triage.models import ReadingRules
from triage.review.reading_rules import reading_rules_of, set_reading_rules
from triage.web.waits import managed_site

# Fields of the form that are those of the rules.
THIRD = ("third_if_first_differs", "third_if_interim_differs", "third_model_percent")


class Blind(TextChoices):
    """What the form offers; stored is a share of 0, of 100, or between them."""

    OFF = "off", _("Off: readers see at once what the model says")
    ON = "on", _("On: every case is read blind first")
    SHARE = "share", _("For a share of the cases, drawn when each is received")


class ReadingRulesForm(forms.Form):
    """``share`` counts where it is chosen, in whole per cent from 1 to 99."""

    blind = forms.ChoiceField(
        label=_("Blind first reading"), choices=Blind.choices, widget=forms.RadioSelect
    )
    share = forms.IntegerField(
        label=_("Share, in whole per cent"), min_value=1, max_value=99, required=False
    )

    third_if_first_differs = forms.BooleanField(
        label=_("It differs from the first reading of a blind case"), required=False
    )
    third_if_interim_differs = forms.BooleanField(
        label=_("It differs from the sender's interim opinion"), required=False
    )
    third_model_percent = forms.IntegerField(
        label=_("It differs from a model that is sure by at least, in whole per cent"),
        help_text=_("From 51 to 100. Empty: the model is not compared."),
        min_value=51,
        max_value=100,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        is_missing = values.get("share") is None and "share" not in self.errors
        if values.get("blind") == Blind.SHARE and is_missing:
            self.add_error("share", _("Say how many of 100 cases: from 1 to 99."))
        return values

    def third_boxes(self) -> list[forms.BoundField]:
        return [self["third_if_first_differs"], self["third_if_interim_differs"]]

    def values(self) -> dict[str, Any]:
        """The rules, as ``set_reading_rules`` takes them."""
        given = {name: self.cleaned_data[name] for name in THIRD}
        whole = {Blind.OFF: 0, Blind.ON: 100}
        share = whole.get(self.cleaned_data["blind"], self.cleaned_data["share"])
        return {"blind_percent": share, **given}

    @classmethod
    def initial_of(cls, rules: ReadingRules) -> dict[str, Any]:
        percent = rules.blind_percent
        blind = {0: Blind.OFF, 100: Blind.ON}.get(percent, Blind.SHARE)
        third = {name: getattr(rules, name) for name in THIRD}
        return {"blind": blind, "share": percent if blind == Blind.SHARE else None, **third}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def reading_rules(request: SignedInRequest, slug: str) -> HttpResponse:
    """For admins of the site; nobody else learns that the page exists."""
    site = managed_site(request, slug)
    initial = ReadingRulesForm.initial_of(reading_rules_of(site.pk))
    form = ReadingRulesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        set_reading_rules(site=site, actor=request.user, **form.values())
        messages.success(request, _("Saved."))
        return redirect("reading_rules", slug=site.slug)
    status = 400 if form.is_bound else 200
    return render(request, "waits/reading_rules.html", {"site": site, "form": form}, status=status)
