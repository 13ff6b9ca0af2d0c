"""The orders of a worklist, and which filters have an index in each of them."""

from dataclasses import replace

from triage.disclosure import Sortable
from triage.states import OPEN_STATES
from triage.vocabulary import Call
from triage.worklist.keyset import Key, Order

SORTS = ("deadline", "class", "confidence", "waiting", "priority", "state")
DESCENDING = {"confidence"}  # by default

# The filters whose values have an index in this order, so that a rare one is found at once. The first of them
# that is asked for divides the list.
SERVED: dict[str, tuple[str, ...]] = {
    "deadline": ("class", "call", "priority", "state"),
    "class": ("call",),
    "confidence": ("call",),
    "waiting": (),
    "priority": ("priority",),
    "state": ("state",),
}
# Sort → the filter with which its index begins, and its values: each is a branch of its own, also where none
# is asked for.
DIVIDED: dict[str, tuple[str, tuple[str, ...] | tuple[int, ...]]] = {
    "state": ("state", tuple(OPEN_STATES)),
    "confidence": ("call", tuple(Call.values)),
}
SERVED_OF_CLOSED = ("class", "call", "priority")
# Closed cases have one order: it is the only one that has an index, and nobody reads them by urgency.
CLOSED_ORDER: Order = (Key("closed_at", descending=True), Key("id"))


def orders(sortable: Sortable) -> dict[str, Order]:
    """Name of a sort → its columns, without the sorts that this reader may not use.

    The reader turns the direction of the first key that isn't fixed; the rest break ties sensibly. A type
    means nothing where no fracture is suspected, so by type those cases come last either way. By confidence
    they count as 0.
    """
    deadline, last = Key(sortable.deadline), Key("id")
    found: dict[str, Order] = {
        "deadline": (deadline, last),
        "waiting": (Key("received_at"), last),
        "priority": (Key("priority"), deadline, last),
    }
    if sortable.call and sortable.predicted_class and sortable.confidence:
        suspected_first = Key(sortable.call, fixed=True)
        surest_first = Key(sortable.confidence, descending=True)
        by_class = Key(sortable.predicted_class)
        found["class"] = (suspected_first, by_class, surest_first, last)
        found["confidence"] = (surest_first, last)
        found["state"] = (Key("state"), deadline, last)  # its index holds the whole deadline
    return found


def turned(order: Order, *, descending: bool) -> Order:
    """``order`` with its direction set: that of the first key that isn't fixed."""
    first = next(key for key in order if not key.fixed)
    return tuple(replace(key, descending=descending) if key is first else key for key in order)
