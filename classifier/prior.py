"""How the chance of a fracture depends on how many pictures show one.

A calibrated probability is right where the share of fractured pictures is the one that it was fitted on.
Elsewhere its odds are multiplied by the ratio of the two shares' odds, so its log-odds are shifted (Saerens,
Latinne and Decaestecker, 2002). This assumes that fractured pictures look alike in both places, and the
others too; only their shares differ.
"""

from classifier.call import OperatingPoints


def at_prevalence(probability: float, *, fitted: float, here: float) -> float:
    """The chance of a fracture here, for a picture to which a release gives ``probability``.

    Args:
        probability: P(fracture) of the release, 0..1. 0 and 1 stay as they are.
        fitted: the share of fractured pictures where the release was calibrated, 0..1, both excluded.
        here: the share of fractured pictures here, likewise.
    """
    # The two parts of the odds, not their quotient or logarithm: an operating point may be 0 or 1.
    fractured = probability * here / fitted
    not_fractured = (1 - probability) * (1 - here) / (1 - fitted)
    return fractured / (fractured + not_fractured)


def same_chance(points: OperatingPoints, *, fitted: float, here: float) -> OperatingPoints:
    """The points on the release's scale that mean here what ``points`` mean where the release was calibrated:
    a picture at such a point has the same chance of a fracture.
    """
    low, high = (
        at_prevalence(point, fitted=here, here=fitted)
        for point in (points.negative_below, points.positive_from)
    )
    return OperatingPoints(low, high)


def share_fractured(
    of_fractured: float, of_not_fractured: float, prevalence: float
) -> float | None:
    """The share of fractured pictures among those that get a certain call.

    Args:
        of_fractured: the share of the fractured pictures that get this call, 0..1.
        of_not_fractured: the share of the other pictures that get it, 0..1.
        prevalence: the share of fractured ones among all pictures, 0..1.

    Returns:
        0..1, or None if no picture gets this call.
    """
    fractured = prevalence * of_fractured
    not_fractured = (1 - prevalence) * of_not_fractured
    both = fractured + not_fractured
    return fractured / both if both > 0 else None
