"""When a signed opinion differs from the interim one: every pair of the two."""

import itertools

import pytest

from triage.models.call_back import CallBackReason
from triage.models.interim_opinion import InterimFracture, TreatedAs
from triage.review.differences import Signed, Thought, difference
from triage.vocabulary import Conclusion

DISLOCATED = Signed(Conclusion.FRACTURE, ["fracture_dislocation"])
BROKEN = Signed(Conclusion.FRACTURE, ["spiral"])
PERHAPS = Signed(Conclusion.FRACTURE, [], possible=True)
WHOLE = Signed(Conclusion.NO_FRACTURE)
UNKNOWN = Signed(Conclusion.NOT_ASSESSABLE)

SENT_HOME = Thought(InterimFracture.NONE, TreatedAs.SOFT_TISSUE)
WAITING = Thought(InterimFracture.UNSURE, TreatedAs.NOT_TREATED)
IN_PLASTER = Thought(InterimFracture.FRACTURE, TreatedAs.FRACTURE)
TO_BE_SAFE = Thought(InterimFracture.UNSURE, TreatedAs.FRACTURE)
REDUCED = Thought(InterimFracture.FRACTURE, TreatedAs.DISLOCATION)
KNOWN = Thought(InterimFracture.FRACTURE, TreatedAs.NOT_TREATED)


@pytest.mark.parametrize(
    ("thought", "signed", "reason"),
    [
        (SENT_HOME, BROKEN, CallBackReason.FRACTURE_MISSED),
        (WAITING, BROKEN, CallBackReason.FRACTURE_MISSED),
        (IN_PLASTER, BROKEN, None),
        (TO_BE_SAFE, BROKEN, None),
        (KNOWN, BROKEN, None),
        (SENT_HOME, PERHAPS, CallBackReason.POSSIBLE_FRACTURE_MISSED),
        (IN_PLASTER, PERHAPS, None),
        (SENT_HOME, DISLOCATED, CallBackReason.DISLOCATION_MISSED),
        (IN_PLASTER, DISLOCATED, CallBackReason.DISLOCATION_MISSED),
        (REDUCED, DISLOCATED, None),
        (SENT_HOME, WHOLE, None),
        (WAITING, WHOLE, None),
        (IN_PLASTER, WHOLE, CallBackReason.TREATED_WITHOUT_FRACTURE),
        (TO_BE_SAFE, WHOLE, CallBackReason.TREATED_WITHOUT_FRACTURE),
        (REDUCED, WHOLE, CallBackReason.TREATED_WITHOUT_FRACTURE),
    ],
)
def test_what_differs(thought, signed, reason):
    assert difference(thought, signed) == reason


def test_nothing_differs_from_what_could_not_be_assessed():
    for fracture, treated in itertools.product(InterimFracture, TreatedAs):
        assert difference(Thought(fracture, treated), UNKNOWN) is None
