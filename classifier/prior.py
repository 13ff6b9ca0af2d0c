"""How the chance of a fracture depends on how many pictures show one.

A calibrated probability is right where as many pictures are broken as where it was fitted. Elsewhere its
odds are multiplied by the ratio of the two odds, so its log-odds are shifted (Saerens, Latinne and
Decaestecker, 2002). That holds where broken bones look alike in both places, and whole ones too; only
their shares differ.
"""

from classifier.call import OperatingPoints


def at_prevalence(probability: float, *, fitted: float, here: float) -> float:
    """The chance here of a picture to which a release gives ``probability``.

    Args:
        probability: P(fracture) of the release, 0..1: nothing moves what is certain.
        fitted: the share of broken pictures where the release was calibrated, 0..1, both excluded.
        here: the share of broken pictures here, likewise.
    """
    # The two odds' parts, not their quotient or its logarithm: a release's points may be 0 or 1.
    broken = probability * here / fitted
    whole = (1 - probability) * (1 - here) / (1 - fitted)
    return broken / (broken + whole)


def same_chance(points: OperatingPoints, *, fitted: float, here: float) -> OperatingPoints:
    """The points of the release's scale at which a picture's chance here is what ``points`` mean where
    the release was calibrated.
    """
    low, high = (
        at_prevalence(point, fitted=here, here=fitted)
        for point in (points.negative_below, points.positive_from)
    )
    return OperatingPoints(low, high)


def share_broken(of_broken: float, of_whole: float, prevalence: float) -> float | None:
    """The share of broken pictures among those that get a certain call.

    Args:
        of_broken: the share of the broken pictures that get this call, 0..1.
        of_whole: the share of the whole ones that get it, 0..1.
        prevalence: the share of broken ones among all pictures, 0..1.

    Returns:
        0..1, or None where no picture gets this call.
    """
    broken, whole = prevalence * of_broken, (1 - prevalence) * of_whole
    return broken / (broken + whole) if broken + whole > 0 else None
