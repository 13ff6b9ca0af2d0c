"""What a draft keeps: the fields of the form of an opinion, as texts. Unfinished and too long ones too."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.refusals import Refused, refuse_nul
from accounts.texts import as_read
from triage.models.review import LONGEST_COMMENT
from triage.review.opinion_content import Content


@dataclass(frozen=True)
class DraftField:
    """``most``: characters of one text. ``many``: texts of a list; 0 for a field that is one text."""

    most: int
    many: int = 0


# What is too long to be signed is kept all the same, so that it can be shortened.
_TEXT = DraftField(most=3 * LONGEST_COMMENT)
_WORD = DraftField(most=64)
# The prediction that the reader saw: "agree" was with this one. Alone it is no draft.
SEEN = "prediction"
#: Fields of the form that a draft keeps.
FIELDS: Mapping[str, DraftField] = {
    "fracture": _WORD,
    "classes": DraftField(most=64, many=20),
    "displaced": _WORD,
    "old": _WORD,
    "places": _TEXT,  # JSON
    "other_finding": _TEXT,
    "comment": _TEXT,
    "agrees": DraftField(most=64, many=1),  # a box to tick
    "critical": DraftField(most=64, many=1),  # a box to tick; no part of the opinion
    SEEN: _WORD,
}


def checked(content: Mapping[str, Any]) -> Content:
    """The content to keep, without empty fields; {} where nothing was written. Raises Refused."""
    kept: Content = {}
    for name, value in content.items():
        field = FIELDS.get(name)
        if field is None:
            raise Refused("bad_draft", _("A draft has no field %(name)s.") % {"name": name[:64]})
        if field.many:
            texts = value if isinstance(value, list) and len(value) <= field.many else [None]
            value = [_checked_text(name, field, text) for text in texts]
        else:
            value = _checked_text(name, field, value)
        if value:
            kept[name] = value
    return kept if kept.keys() - {SEEN} else {}


def _checked_text(name: str, field: DraftField, text: Any) -> str:
    if not isinstance(text, str):
        raise Refused("bad_draft", _("The draft's field %(name)s is not valid.") % {"name": name})
    text = as_read(text)
    refuse_nul(text)
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can escape
        raise Refused(
            "unstorable_character", _("The text contains a character that can't be stored.")
        ) from None
    if len(text) > field.most:
        limit = {"name": name, "most": field.most}
        raise Refused(
            "draft_too_long",
            _("The draft's field %(name)s keeps at most %(most)d characters.") % limit,
        )
    return text
