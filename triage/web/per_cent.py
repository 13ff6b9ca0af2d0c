"""A share as a person types it: in per cent, any number from 0 to 100. URL, REST and tables keep 0 to 1."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

NO_NUMBER = _("Enter a number. Decimals follow a point: 2.5.")


def percent_field(label: Any, least: str = "0", most: str = "100") -> forms.DecimalField:
    """A decimal: what was not edited has to come back as the very number that was shown."""
    return forms.DecimalField(
        label=label,
        min_value=Decimal(least),
        max_value=Decimal(most),
        widget=forms.NumberInput({"step": "any"}),
        error_messages={"invalid": NO_NUMBER},
    )


def in_percent(share: float) -> str:
    """0.402622 → "40.2622": all digits, so that saving it changes nothing."""
    shown = f"{Decimal(repr(float(share))) * 100:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def share_of(percent: Decimal) -> float:
    """40.2622 → 0.402622."""
    return float(percent / 100)


def share_typed(text: str) -> float:
    """ "62.5" or "62,5" → 0.625. Raises ValueError for what is no number from 0 to 100."""
    try:
        percent = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        raise ValueError(text) from None
    if not percent.is_finite() or not 0 <= percent <= 100:
        raise ValueError(text)
    return share_of(percent)
