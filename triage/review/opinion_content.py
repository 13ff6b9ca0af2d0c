"""An opinion as texts: the content of a form or a draft. Nothing is refused here: nothing typed is lost."""

import json
from collections.abc import Mapping
from typing import Any

from accounts.refusals import Refused
from triage.review.checks import as_kept
from triage.review.opinion import GivenOpinion
from triage.vocabulary import FRACTURED

Content = dict[str, str | list[str]]

OF_A_FRACTURE = ("classes", "displaced", "old", "places")
_ANSWERS = {"yes": True, "no": False}
_WORDS: Mapping[bool | None, str] = {True: "yes", False: "no", None: ""}
_NO_PLACE: Mapping[str, Any] = {}  # refused by name when it is signed


def given_from(content: Mapping[str, Any]) -> GivenOpinion:
    """The opinion in the content of a form or a draft."""
    return GivenOpinion(
        fracture=content.get("fracture", ""),
        classes=tuple(content.get("classes", ())),
        displaced=_ANSWERS.get(content.get("displaced", "")),
        old=_ANSWERS.get(content.get("old", "")),
        places=_places(content.get("places", "")),
        other_finding=content.get("other_finding", ""),
        comment=content.get("comment", ""),
        agrees="yes" in content.get("agrees", ()),
    )


def content_with(given: GivenOpinion) -> Content:
    """The content of a form that is filled in with the opinion."""
    return {
        "fracture": given.fracture,
        "classes": list(given.classes),
        "displaced": _WORDS[given.displaced],
        "old": _WORDS[given.old],
        "places": json.dumps([dict(place) for place in given.places]) if given.places else "",
        "other_finding": given.other_finding,
        "comment": given.comment,
        "agrees": ["yes"] if given.agrees else [],
    }


def is_critical(content: Mapping[str, Any]) -> bool:
    """Whether the clinic must hear of it at once: ticked in the form, and no part of the opinion."""
    return "on" in content.get("critical", ())


def is_said(content: Mapping[str, Any], signed: GivenOpinion, *, critical: bool) -> bool:
    """Whether a signature says everything that was entered. What was left open counts for nothing.

    Nor does what the form doesn't send: details of a fracture, once the answer is that there is none.

    Args:
        critical: whether it was ticked with the signature.
    """
    if is_critical(content) and not critical:
        return False
    try:
        entered = as_kept(given_from(content))
    except Refused:
        return False  # nobody can have signed it
    has_details = entered.fracture in ("", *FRACTURED)
    names = ("fracture", "other_finding", "comment", *(OF_A_FRACTURE if has_details else ()))
    if entered.agrees and not signed.agrees:
        return False
    return all(getattr(entered, name) in (None, "", (), getattr(signed, name)) for name in names)


def is_as_signed(content: Mapping[str, Any], signed: GivenOpinion, *, critical: bool) -> bool:
    """Whether a form that was filled in with a signed opinion says the same still.

    Args:
        critical: whether it was ticked with the signature.
    """
    try:
        entered = as_kept(given_from(content))
    except Refused:
        return False
    return entered == signed and is_critical(content) == critical


def _places(text: str) -> tuple[Mapping[str, Any], ...]:
    """The list of the hidden field, which a script writes as JSON."""
    try:
        places = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return (_NO_PLACE,)
    if not isinstance(places, list):
        return (_NO_PLACE,)
    return tuple(place if isinstance(place, dict) else _NO_PLACE for place in places)
