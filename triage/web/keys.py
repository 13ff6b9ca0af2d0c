"""The keys of all pages: one table makes what a key does, the help (``?``) and the labels.

A template writes ``{% act "invert" %}`` into the tag of what the key presses and ``{% key "invert" %}``
beside its text. ``static/js/keys.js`` reads the table from the help dialog: it presses the element, or calls
what a module gave to ``onAct``.

A key is written as the keyboard labels it. A capital letter is Shift and that letter: it chooses a type of
fracture and never signs, nor does it without Shift: who misses Shift must not sign without the type.
``Ctrl+Enter`` works while somebody types too; on a Mac it is Command.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from triage.vocabulary import FractureCertainty, FractureClass

EVERY, LIST, CASE = (
    "every",
    "list",
    "case",
)  # contexts: any page, a list of cases, the page of a case


@dataclass(frozen=True)
class Act:
    """``repeats``: held down, the key does it again and again."""

    name: str
    keys: tuple[str, ...]
    label: str | Promise
    repeats: bool = False


@dataclass(frozen=True)
class Group:
    """Acts that the help shows together, and on which pages their keys work."""

    label: str | Promise
    contexts: frozenset[str]
    acts: tuple[Act, ...]


def _group(label: str | Promise, contexts: set[str], *acts: Act) -> Group:
    return Group(label, frozenset(contexts), acts)


TYPE_KEYS = {
    FractureClass.AVULSION: "A",
    FractureClass.COMMINUTED: "C",
    FractureClass.FRACTURE_DISLOCATION: "D",
    FractureClass.GREENSTICK: "G",
    FractureClass.HAIRLINE: "H",
    FractureClass.IMPACTED: "I",
    FractureClass.LONGITUDINAL: "L",
    FractureClass.OBLIQUE: "O",
    FractureClass.PATHOLOGICAL: "P",
    FractureClass.SPIRAL: "R",  # S without Shift signs
}

GROUPS = (
    _group(
        _("Every page"),
        {EVERY},
        Act("help", ("?",), _("These keys")),
        Act("find", ("/",), _("Find a case, open or closed")),
        Act("worklist", ("w",), _("Back to the worklist")),
        Act("send", ("u",), _("Send X-rays")),
    ),
    _group(
        _("Lists"),
        {LIST},
        Act("row.down", ("j",), _("One row down"), repeats=True),
        Act("row.up", ("k",), _("One row up"), repeats=True),
        Act("row.open", ("Enter", "o"), _("Open the case of the row")),
        Act("row.tick", ("x",), _("Tick the row, or take the tick back (leads)")),
        Act("priority", ("b",), _("Priority of the ticked rows (leads)")),
    ),
    _group(
        _("From case to case"),
        {LIST, CASE},
        Act("next", ("n",), _("Next: take the most urgent case of this list")),
        Act("previous", ("p",), _("Previous: back to the case before")),
    ),
    _group(
        _("The case"),
        {CASE},
        Act("claim", ("c",), _("Claim the case")),
        Act("give_back", (";",), _("Give the case back")),
        Act("skip", ("k",), _("Skip the case")),
        Act("sign.next", ("s", "Ctrl+Enter"), _("Sign and next")),
        Act("sign", ("y", "Ctrl+Shift+Enter"), _("Sign and stay here")),
        Act("correct", ("Backspace",), _("Correct what you signed")),
    ),
    _group(
        _("The opinion"),
        {CASE},
        *(
            Act(f"opinion.{answer.value}", (key,), answer.label)
            for key, answer in zip("1234", FractureCertainty, strict=True)
        ),
        Act("agree", ("a",), _("Agree: fill the form with what the model suggests")),
        Act("displaced", ("d",), _("Displaced or not")),
        Act("old", ("o",), _("Old fracture")),
        Act("place", ("q",), _("Mark the place on the picture")),
        Act("other_finding", ("e",), _("Write another finding")),
        Act("comment", ("t",), _("Write a comment")),
        Act("critical", ("!",), _("Critical: notify the clinic at once")),
    ),
    _group(
        _("Types of fracture"),
        {CASE},
        *(Act(f"type.{name.value}", (key,), name.label) for name, key in TYPE_KEYS.items()),
    ),
    _group(
        _("What the model shows"),
        {CASE},
        Act("boxes", ("b",), _("The model's boxes on and off")),
        Act("map", ("h",), _("Heat map on and off")),
        Act("map.rival", ("j",), _("Heat map of the second type")),
    ),
    _group(
        _("The picture"),
        {CASE},
        Act("picture.next", (".",), _("Next picture"), repeats=True),
        Act("picture.previous", (",",), _("Picture before"), repeats=True),
        Act("side_by_side", ("v",), _("Two pictures side by side")),
        Act("window.header", ("5",), _("Window: as the header says; again for its next one")),
        Act("window.full", ("6",), _("Window: full range")),
        Act("window.bone", ("7",), _("Window: bone")),
        Act("window.soft", ("8",), _("Window: soft tissue")),
        Act("window.collimated", ("9",), _("Window: what the collimator left")),
        Act("invert", ("i",), _("Invert the picture")),
        Act("rotate", ("r",), _("Rotate by 90°")),
        Act("flip", ("f",), _("Flip left and right")),
        Act("zoom.in", ("+", "=", "z"), _("Enlarge"), repeats=True),
        Act("zoom.out", ("-", "x"), _("Make smaller"), repeats=True),
        Act("fit", ("0",), _("Picture as it came")),
        Act("actual_size", ("l",), _("One to one")),
        Act("measure", ("m",), _("Measure a length")),
        Act("measure.angle", ("g",), _("Measure an angle")),
        Act("measure.clear", ("Delete",), _("Delete the measurements")),
    ),
)

ACTS = {act.name: act for group in GROUPS for act in group.acts}
SIGNING = ("sign", "sign.next")  # acts after which an opinion stands for ever

# Their keys are theirs already, and nothing on a page answers to them yet. Whoever builds one takes it out
# of here.
AWAITED: frozenset[str] = frozenset()


def groups_in_use() -> list[Group]:
    """The groups with the acts that are there."""
    shown = (
        _group(
            group.label,
            set(group.contexts),
            *(act for act in group.acts if act.name not in AWAITED),
        )
        for group in GROUPS
    )
    return [group for group in shown if group.acts]


def spoken_keys(act: Act) -> str:
    """For ``aria-keyshortcuts``: ("s", "Ctrl+Enter") → "s Control+Enter", ("S",) → "Shift+S"."""
    return " ".join(_spoken(key) for key in act.keys)


def _spoken(key: str) -> str:
    if len(key) == 1:
        return f"Shift+{key}" if key.isupper() else key
    return key.replace("Ctrl", "Control")


def written_key(key: str) -> str:
    """As a keyboard labels it: "S" → "Shift S"."""
    if len(key) == 1:
        return f"Shift {key}" if key.isupper() else key
    return key.replace("+", " ")
