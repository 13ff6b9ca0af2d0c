"""An opinion in one sentence or a few: the same words on pages, in lists, reports and REST."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from triage.review.opinion import GivenOpinion
from triage.vocabulary import FRACTURED, FractureCertainty, FractureClass

_HEADS: Mapping[str, Promise] = {
    FractureCertainty.CERTAIN: gettext_lazy("Fracture, certain"),
    FractureCertainty.POSSIBLE: gettext_lazy("Fracture, possible"),
    FractureCertainty.NONE: gettext_lazy("No fracture"),
    FractureCertainty.NOT_ASSESSABLE: gettext_lazy("Not assessable"),
}


def sentence(given: GivenOpinion) -> str:
    """ "Fracture, certain: spiral, displaced. Old: no." Without the comment, and without the places.

    Of a draft too, which may be unfinished: "" where nothing is said.
    """
    sentences = [_finding(given)]
    if given.old is not None:
        sentences.append(_("Old: yes.") if given.old else _("Old: no."))
    if given.other_finding:
        sentences.append(_("Other finding: %(words)s") % {"words": _ended(given.other_finding)})
    return " ".join(words for words in sentences if words)


def place_in_words(place: Mapping[str, Any]) -> str:
    """ "box on picture 2"."""
    words = _("box on picture %(n)s") if place.get("width") else _("point on picture %(n)s")
    return words % {"n": place.get("image")}


def quoted(words: str) -> str:
    """What a person typed, as the end of a sentence of ours: another one may follow it."""
    return _ended(_("“%(words)s”") % {"words": words}, words)


def _finding(given: GivenOpinion) -> str:
    details = [_type(name) for name in given.classes]
    if given.fracture in FRACTURED and not details:
        details = [_("type not named")]
    if given.displaced is not None:
        details.append(_("displaced") if given.displaced else _("not displaced"))
    head = str(_HEADS.get(given.fracture, given.fracture))
    if head and details:
        return _("%(head)s: %(details)s.") % {"head": head, "details": ", ".join(details)}
    return _ended(head or ", ".join(details))


def _type(name: str) -> str:
    return str(FractureClass(name).label).lower() if name in FractureClass.values else name


def _ended(words: str, last: str | None = None) -> str:
    """``last``: what stands within quotes at the end of ``words``."""
    ends = (words if last is None else last).endswith((".", "!", "?"))
    return words if not words or ends else f"{words}."
