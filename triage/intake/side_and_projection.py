"""Which side and projection one picture shows.

The sender's value for the picture counts first, then the sender's value for the case, then the header's.
"""

from triage.intake.details import CaseDetails, projection_from_header
from triage.vocabulary import Projection, Side

# These values of a case say nothing about one picture, so the picture's own header is used.
_SEVERAL_SIDES = ("", Side.BOTH)
_SEVERAL_PROJECTIONS = ("", Projection.SEVERAL, Projection.OTHER)


def side_of(said_of_image: str, given: CaseDetails, laterality: str) -> str:
    """A value of ``Side``; "" if nobody says one.

    Args:
        said_of_image: the sender's value for this picture.
        given: what the sender says of the whole case, before headers filled in gaps.
        laterality: L, R, B, U or "", from this picture's header.
    """
    if said_of_image:
        return said_of_image
    if given.side not in _SEVERAL_SIDES:
        return given.side
    return laterality or given.side


def projection_of(said_of_image: str, given: CaseDetails, view_position: str) -> str:
    """A value of ``Projection``, but never SEVERAL; "" if nobody says one.

    Args:
        view_position: View Position from this picture's header.
    """
    if said_of_image:
        return said_of_image
    if given.projection not in _SEVERAL_PROJECTIONS:
        return given.projection
    from_header = projection_from_header(view_position)
    if from_header not in _SEVERAL_PROJECTIONS:
        return from_header
    return Projection.OTHER.value if Projection.OTHER in (given.projection, from_header) else ""
