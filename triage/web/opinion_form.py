"""The form of an opinion as a browser sends or keeps it. Nothing is refused here: nothing typed is lost."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from triage.review.drafts import FIELDS, Content
from triage.review.opinion import GivenOpinion

_ANSWERS = {"yes": True, "no": False}
_WORDS: Mapping[bool | None, str] = {True: "yes", False: "no", None: ""}
_NO_PLACE: Mapping[str, Any] = {}  # refused by name when it is signed


def content_of(form: QueryDict) -> Content:
    """What a draft keeps of a form that was sent."""
    return {
        name: form.getlist(name) if field.many else form.get(name, "")
        for name, field in FIELDS.items()
    }


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


def _places(text: str) -> tuple[Mapping[str, Any], ...]:
    """The list of the hidden field, which a script writes as JSON."""
    try:
        places = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return (_NO_PLACE,)
    if not isinstance(places, list):
        return (_NO_PLACE,)
    return tuple(place if isinstance(place, dict) else _NO_PLACE for place in places)
