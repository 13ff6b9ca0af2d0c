"""Whether an opinion holds together: each contradiction is refused by name, and nothing is guessed."""

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import Any

from django.utils.translation import gettext as _

from accounts.refusals import Refused, refuse_nul
from accounts.texts import as_read
from triage.disclosure import DisclosedCase, DisclosedPrediction
from triage.models import Case
from triage.models.review import LONGEST_COMMENT
from triage.models.review_rules import LONGEST_OTHER_FINDING, MOST_PLACES
from triage.review.agreement import refusal_to_agree, suggestion
from triage.review.opinion import GivenOpinion
from triage.vocabulary import FRACTURED, FractureCertainty, FractureClass

DIGITS = 4  # of a place: a hundredth of a per cent is a third of a pixel of a large picture
SIZES = ("x", "y", "width", "height")


def checked(
    given: GivenOpinion, disclosed: DisclosedPrediction | None, case: DisclosedCase
) -> GivenOpinion:
    """The opinion as it is stored, filled from the prediction where the reader agrees with it.

    Args:
        disclosed: the prediction that the reader saw; None where they saw none.

    Raises:
        Refused: what is missing, or what contradicts what.
    """
    given = as_kept(given)
    if given.agrees:
        given = _agreed(given, disclosed, case)
    if given.fracture not in FractureCertainty.values:
        raise Refused("bad_opinion", _("Choose an opinion: is there a fracture?"))
    _refuse_details_of_no_fracture(given)
    _refuse_places_elsewhere(given, case.case)
    return given


def as_kept(given: GivenOpinion) -> GivenOpinion:
    """Texts, types and places in the one form in which they are stored and compared."""
    unknown = [name for name in given.classes if name not in FractureClass.values]
    if unknown:
        raise Refused("bad_class", _("There is no type %(name)s.") % {"name": unknown[0]})
    if len(given.places) > MOST_PLACES:
        text = _("You drew %(given)d places; at most %(most)d are kept. Remove some.")
        raise Refused("too_many_places", text % {"given": len(given.places), "most": MOST_PLACES})
    comment, other_finding = as_read(given.comment), as_read(given.other_finding)
    _refuse_long(comment, LONGEST_COMMENT, "comment_too_long", _("The comment"))
    _refuse_long(
        other_finding, LONGEST_OTHER_FINDING, "other_finding_too_long", _("The other finding")
    )
    return replace(
        given,
        classes=tuple(sorted(set(given.classes))),
        places=tuple(_kept_place(place) for place in given.places),
        comment=comment,
        other_finding=other_finding,
    )


def _refuse_long(text: str, most: int, code: str, name: str) -> None:
    refuse_nul(text)
    if len(text) > most:
        refusal = _("%(name)s has %(given)d characters; at most %(most)d are kept. Shorten it.")
        raise Refused(code, refusal % {"name": name, "given": len(text), "most": most})


def _kept_place(place: Mapping[str, Any]) -> dict[str, float]:
    """Rounded, and within the picture: a box that is drawn up to the edge ends at the edge."""
    image = place.get("image") if isinstance(place, Mapping) else None
    sizes = [place.get(name, 0) for name in SIZES] if image else []
    numbers = [number for number in sizes if _is_number(number)]
    if not isinstance(image, int) or isinstance(image, bool) or len(numbers) != len(SIZES):
        raise _no_place()
    x, y, width, height = (round(number, DIGITS) for number in numbers)
    width, height = (
        min(width, round(1 - x, DIGITS)),
        min(height, round(1 - y, DIGITS)),
    )
    if image < 1 or min(x, y, width, height) < 0 or (width == 0) != (height == 0):
        raise _no_place()
    return {"image": image, "x": x, "y": y, "width": width, "height": height}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _no_place() -> Refused:
    return Refused(
        "bad_place",
        _("A place does not lie on a picture of this case. Remove it, and draw it again."),
    )


def _agreed(
    given: GivenOpinion, disclosed: DisclosedPrediction | None, case: DisclosedCase
) -> GivenOpinion:
    refusal = refusal_to_agree(disclosed, case)
    if refusal is not None or disclosed is None:
        raise refusal or Refused("nothing_to_agree_with", _("The model has made no call."))
    said = suggestion(disclosed)
    if given.fracture and given.fracture != said.fracture:
        text = _("You agree with the model, which says “%(model)s”, and choose another answer.")
        label = FractureCertainty(said.fracture).label
        raise Refused("contradiction", text % {"model": label})
    if set(given.classes) - set(said.classes):
        raise Refused(
            "class_not_meant",
            _("You name another type than the model, so you don't agree with it: take one back."),
        )
    return replace(given, fracture=said.fracture, classes=said.classes)


def _refuse_details_of_no_fracture(given: GivenOpinion) -> None:
    if given.fracture in FRACTURED:
        return
    details = [str(FractureClass(name).label).lower() for name in given.classes]
    details += [_("displaced")] if given.displaced is not None else []
    details += [_("old")] if given.old is not None else []
    details += [_("a place on a picture")] if given.places else []
    if details:
        text = _("“%(answer)s” contradicts what you said of a fracture: %(details)s. Change one.")
        answer = FractureCertainty(given.fracture).label
        said = {"answer": answer, "details": ", ".join(details)}
        raise Refused("class_not_meant" if given.classes else "detail_not_meant", text % said)


def _refuse_places_elsewhere(given: GivenOpinion, case: Case) -> None:
    if given.places and max(place["image"] for place in given.places) > case.images.count():
        raise _no_place()
