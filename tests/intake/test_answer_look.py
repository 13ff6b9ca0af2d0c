"""A look of a display by the picture's own values, as a decoder may say it."""

import pytest

from tests.intake.looks import LOOK
from triage.intake.answer_look import check_look

BY_VALUES = {**LOOK, "range": [0.0, 255.0], "tables": []}


def test_black_lies_below_white():
    assert check_look(BY_VALUES, curves=0) == BY_VALUES


@pytest.mark.parametrize("range_", [None, [5.0, 5.0], [9.0, 1.0], [0.0], [0, 255], "01"])
def test_a_range_that_gives_no_greys_is_not_believed(range_):
    with pytest.raises(ValueError, match="range"):
        check_look({**BY_VALUES, "range": range_}, curves=0)
