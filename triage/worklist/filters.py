"""Every filter of the worklist, one row each. URL, chips, form, REST parameters and SQL loop over this table.

A new filter is a new row. If rare values must be found at once, it also needs an index and a place in
``orders.SERVED``; the plans of ``tests/worklist/test_plans.py`` show it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from triage.disclosure import Sortable
from triage.states import CLOSED_STATES, UNSIGNED_STATES
from triage.vocabulary import Call, FractureClass, Priority
from triage.worklist.filter_types import (
    Choices,
    Day,
    FilterType,
    Flag,
    Fraction,
    Label,
    Names,
    Option,
    Past,
)

PRIORITY_NAMES = {priority.name.lower(): int(priority) for priority in Priority}
_PRIORITY_NUMBERS = {str(value): value for value in PRIORITY_NAMES.values()}


@dataclass(frozen=True)
class Filter:
    """``name``: the parameter in the URL and in REST. ``label``: its legend in the form.

    ``column``: the column it compares; None if this reader's lists may not be filtered by it.
    ``help``, ``example``: for the description of REST. ``chip``: the text of the chip of a bound, with
    ``%(value)s``; choices have their own labels. ``old_name``: also read, so that old addresses still work.
    ``form_row``: neighbours with the same number share a row of the form; the table is in the order of
    form, chips and REST.
    """

    name: str
    type: FilterType
    label: Label
    column: Callable[[Sortable], str | None]
    help: str
    example: str
    form_row: int
    chip: Label = ""
    old_name: str = ""


def _always(column: str) -> Callable[[Sortable], str | None]:
    return lambda sortable: column


def _named(choices: Iterable[TextChoices]) -> tuple[Option, ...]:
    return tuple(Option(choice.value, choice.value, choice.label) for choice in choices)


def _numbered(choices: type[Call] | type[Priority]) -> tuple[Option, ...]:
    return tuple(Option(choice.name.lower(), int(choice), choice.label) for choice in choices)


FILTERS: tuple[Filter, ...] = (
    Filter(
        name="call",
        old_name="finding",
        # "refused": as older addresses and clients say "not_assessable".
        type=Choices(_numbered(Call), {"refused": int(Call.NOT_ASSESSABLE)}),
        label=_("Call"),
        column=lambda sortable: sortable.call,
        help="What the model says of the case: the strongest call of its images. A case that is read blind "
        "is `unread` for everybody until its final opinion is signed, whatever the model says.",
        example="positive",
        form_row=1,
    ),
    Filter(
        name="class",
        type=Choices(_named(FractureClass)),
        label=_("Predicted class"),
        column=lambda sortable: sortable.predicted_class,
        help="The predicted class. Only suspected fractures and doubts have one.",
        example="spiral",
        form_row=2,
    ),
    Filter(
        name="priority",
        type=Choices(_numbered(Priority), _PRIORITY_NUMBERS),
        label=_("Priority"),
        column=_always("priority"),
        help="The sender's priority.",
        example="stat",
        form_row=3,
    ),
    Filter(
        name="site",
        type=Names(),
        label=_("Site"),
        column=_always("site"),
        help="A site's id or short name.",
        example="north",
        form_row=3,
    ),
    Filter(
        name="mine",
        type=Flag(_("by me")),
        label=_("Claimed"),
        column=_always("id"),
        help="1: only cases that you have claimed.",
        example="1",
        form_row=3,
        chip=_("claimed by me"),
    ),
    Filter(
        name="free",
        type=Flag(_("for me to take")),
        label=_("Free"),
        column=_always("id"),
        help="1: only open cases that you may sign, nobody has claimed and you didn't skip lately.",
        example="1",
        form_row=3,
        chip=_("free for me"),
    ),
    Filter(
        name="late",
        type=Past(_("past")),
        label=_("Deadline"),
        column=lambda sortable: sortable.deadline,
        help="1: only cases whose deadline is past.",
        example="1",
        form_row=3,
        chip=_("late"),
    ),
    Filter(
        name="read_today",
        type=Flag(_("today by me")),
        label=_("Read"),
        column=_always("id"),
        help="1: only cases that you signed today. Give `state=reviewed` too, or `state=third` for those "
        "that wait for a third reader: other states have none.",
        example="1",
        form_row=4,
        chip=_("read today by me"),
    ),
    Filter(
        name="state",
        type=Choices(_named((*UNSIGNED_STATES, *CLOSED_STATES))),
        label=_("State"),
        column=_always("state"),
        help="Default: `received`, `predicted` and `failed`. Cases that wait for a third reader are listed, "
        "and given out by Next, where `third` asks for them. Open and closed states can't be mixed.",
        example="predicted",
        form_row=4,
    ),
    Filter(
        name="confidence_min",
        type=Fraction("gte"),
        label=_("Confidence from"),
        column=lambda sortable: sortable.confidence,
        help="The least confidence of the predicted class, 0 to 1; cases without a class are left out.",
        example="0.5",
        form_row=5,
        chip=_("confidence from %(value)s"),
    ),
    Filter(
        name="confidence_max",
        type=Fraction("lte"),
        label=_("Confidence to"),
        column=lambda sortable: sortable.confidence,
        help="The greatest confidence of the predicted class, 0 to 1; cases without a class are left out.",
        example="0.9",
        form_row=5,
        chip=_("confidence to %(value)s"),
    ),
    Filter(
        name="from",
        type=Day("gte"),
        label=_("Received from"),
        column=_always("received_at"),
        help="Received on this day or later.",
        example="2026-03-02",
        form_row=5,
        chip=_("received from %(value)s"),
    ),
    Filter(
        name="to",
        type=Day("lt"),
        label=_("Received to"),
        column=_always("received_at"),
        help="Received on this day or earlier.",
        example="2026-03-08",
        form_row=5,
        chip=_("received to %(value)s"),
    ),
)
BY_NAME = {row.name: row for row in FILTERS}
