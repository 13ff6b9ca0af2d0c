"""The four groups that the ten types fall into."""

from itertools import chain

import numpy as np
import pytest

from classifier.labels import CLASSES
from training.evaluation.coarse_groups import COARSE, TYPES_OF, coarse_labels, coarse_probabilities


def test_every_type_is_in_one_group():
    assert sorted(chain.from_iterable(TYPES_OF.values())) == sorted(CLASSES)
    assert COARSE == ("shaft", "incomplete", "joint", "pathological")


@pytest.mark.parametrize("name", CLASSES)
def test_a_type_and_its_probability_count_for_its_group(name):
    label = CLASSES.index(name)
    (group,) = coarse_labels(np.array([label]))
    assert name in TYPES_OF[COARSE[group]]
    certain = np.zeros((1, len(CLASSES)))
    certain[0, label] = 1
    assert coarse_probabilities(certain).argmax() == group


def test_a_group_is_as_probable_as_its_types_together():
    """Hairline is the most probable type here, and the shaft's five are more probable together."""
    types = {"hairline": 0.3, "greenstick": 0.02, "avulsion": 0.13, "pathological": 0.05}
    types |= dict.fromkeys(TYPES_OF["shaft"], 0.1)
    probabilities = np.array([[types.get(name, 0.0) for name in CLASSES]])
    assert coarse_probabilities(probabilities)[0] == pytest.approx([0.5, 0.32, 0.13, 0.05])
