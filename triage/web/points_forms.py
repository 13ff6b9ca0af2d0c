"""What the clinical lead of a site types in on the page of operating points."""

from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import TextField
from classifier.call import OperatingPoints
from triage.models import Release
from triage.web.per_cent import in_percent, percent_field, share_of

NOT_HERE = _("This form is of a release that isn't here. Open the page again.")


def _point(label: Any) -> forms.DecimalField:
    return percent_field(label, "0.01", "99.99")


class PointsForm(forms.Form):
    """The two points in percent, and why. ``release``: the one whose points the page showed."""

    release = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"invalid": NOT_HERE, "required": NOT_HERE},
    )
    negative_below = _point(_("No fracture seen below (%)"))
    positive_from = _point(_("Fracture suspected from (%)"))
    reason = TextField(label=_("Why?"), max_length=200)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        low, high = values.get("negative_below"), values.get("positive_from")
        if low is not None and high is not None and low > high:
            text = _(
                "A fracture is suspected from %(low)s %% or more: no fracture is seen below that."
            )
            self.add_error("positive_from", text % {"low": f"{low:g}"})
        return values

    @classmethod
    def showing(cls, release: Release, points: OperatingPoints) -> Self:
        """The form filled with ``points`` of ``release``."""
        return cls(
            initial={
                "release": release.pk,
                "negative_below": in_percent(points.negative_below),
                "positive_from": in_percent(points.positive_from),
            }
        )

    def points(self) -> OperatingPoints:
        values = self.cleaned_data
        return OperatingPoints(
            share_of(values["negative_below"]), share_of(values["positive_from"])
        )


class PrevalenceForm(forms.Form):
    """Asked by GET: the page computes with it and stores nothing."""

    prevalence = forms.FloatField(
        label=_("About how many in 100 of your pictures show a fracture?"),
        min_value=0.1,
        max_value=99.9,
        widget=forms.NumberInput({"step": "any"}),
    )
