"""How an opinion and its parts stand on a page."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import template

from triage.review.opinion import GivenOpinion
from triage.review.sentence import place_in_words, sentence

register = template.Library()


@register.filter
def as_sentence(given: GivenOpinion) -> str:
    return sentence(given)


register.filter("place_in_words", place_in_words)


@register.filter
def as_json(places: Sequence[Mapping[str, Any]]) -> str:
    """The places for the hidden field that a script reads and writes; "" where there are none."""
    return json.dumps([dict(place) for place in places]) if places else ""
