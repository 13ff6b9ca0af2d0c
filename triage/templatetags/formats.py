"""How times, numbers and classes are written on a page."""

from datetime import datetime, timedelta
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from triage.http import sizes
from triage.http.contradictions import Contradiction, contradictions_of
from triage.intake import same_patient
from triage.intake.same_patient import Question
from triage.models import Case
from triage.vocabulary import INDICATION_LABELS, FractureClass
from triage.web.badges import DEADLINES

register = template.Library()


@register.filter
def duration(length: timedelta) -> str:
    """The two largest units that matter: "3 d 4 h", "2 h 10 min", "4 min"."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours}
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes % 60}
    return _("%(minutes)d min") % {"minutes": minutes}


@register.filter
def waited(since: datetime) -> str:
    """How long ago ``since`` was."""
    return duration(timezone.now() - since)


@register.simple_tag
def clock_texts() -> SafeString:
    """The texts of durations and deadlines as data attributes, for the page's own clock (clock.js)."""
    texts = {
        "days": _("%(days)d d %(hours)d h"),
        "hours": _("%(hours)d h %(minutes)d min"),
        "minutes": _("%(minutes)d min"),
        **{urgency: str(text) for urgency, text in DEADLINES.items()},
    }
    # The page fills in %(name)s alone, whatever the type of the value.
    written = ((name, text.replace(")d", ")s")) for name, text in texts.items())
    return format_html_join("", ' data-{}="{}"', written)


def _rounded(number: float, digits: int = 0) -> str:
    """Django's ``number_format`` cuts digits off: 28.999999999999996, which 0.29 is, would be "28"."""
    return number_format(Decimal(str(number)).quantize(Decimal(1).scaleb(-digits)), digits)


@register.filter
def size_of(size: int) -> str:
    """41943040 → "40 MB"."""
    return sizes.size_of(size)


@register.filter
def percent(probability: float) -> str:
    """0.834 → "83 %". No model is certain: 0.998 is "> 99 %", not 100."""
    if probability < 0.01:
        return _("< 1 %")
    if probability > 0.99:
        return _("> 99 %")
    return _("%(number)s %%") % {"number": _rounded(probability * 100)}


@register.filter
def exact_percent(probability: float) -> str:
    """0.4 → "40 %", 0.4026 → "40.3 %", 0.00042 → "0.04 %": for what is set, not what is believed."""
    near_an_end = min(probability, 1 - probability) < 0.01
    digits = 2 if near_an_end else 1
    while digits and round(probability * 100, digits) == round(probability * 100, digits - 1):
        digits -= 1
    return _("%(number)s %%") % {"number": _rounded(probability * 100, digits)}


@register.filter
def of_hundred(share: float) -> str:
    """0.949 → "95", 0.004 → "< 1", 0.997 → "> 99": so many of a hundred."""
    if 0 < share < 0.01:
        return _("< 1")
    if 0.99 < share < 1:
        return _("> 99")
    return _rounded(share * 100)


@register.filter
def width(fraction: float) -> str:
    """0.834 → "83.4%", for an SVG attribute."""
    return f"{fraction * 100:.1f}%"


@register.filter
def share(fraction: float) -> str:
    """0.83456 → "83.456%", for a place on a picture that is enlarged twelve times."""
    return f"{fraction * 100:.3f}%"


@register.filter
def class_name(value: str) -> str:
    """ "fracture_dislocation" → "Fracture dislocation", in the reader's language."""
    return str(FractureClass(value).label) if value else ""


@register.filter
def class_names(values: list[str]) -> str:
    return ", ".join(class_name(value) for value in values)


@register.filter
def indication_labels(names: list[str]) -> str:
    """["child", "shoulder"] → "child, shoulder", in the reader's language."""
    return ", ".join(str(INDICATION_LABELS.get(name, name)) for name in names)


@register.filter
def contradictions(case: Case) -> list[Contradiction]:
    """What the headers of its pictures say otherwise than its sender."""
    return contradictions_of(case)


@register.filter
def patient_questions(case: Case) -> list[Question]:
    """What doesn't fit earlier cases of the same patient reference."""
    return same_patient.patient_questions(case)
