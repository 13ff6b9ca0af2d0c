"""Where readers drew the fracture, as it is drawn over each picture of a case."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from triage.models import Review


@dataclass(frozen=True)
class PicturesPlaces:
    """The places of one picture, whose number in the case is ``image``."""

    image: int
    places: list[Mapping[str, Any]]


def places_by_picture(reviews: Iterable[Review]) -> list[PicturesPlaces]:
    """Of the opinions that stand; what was corrected is drawn no more."""
    drawn: dict[int, list[Mapping[str, Any]]] = {}
    for review in reviews:
        if getattr(review, "superseded_by", None) is None:
            for place in review.places:
                drawn.setdefault(place["image"], []).append(place)
    return [PicturesPlaces(image, places) for image, places in sorted(drawn.items())]
