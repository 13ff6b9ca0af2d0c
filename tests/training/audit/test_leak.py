"""The experiment, on features whose answer is known."""

import numpy as np
import pytest

from tests.training.audit.test_groups import trait
from training.audit.groups import Entry
from training.audit.leak import hits, leak_experiment


@pytest.fixture
def entries() -> list[Entry]:
    """Features that know nothing of the class, and copies that lie close to their pictures."""
    rng = np.random.default_rng(0)
    found = []
    for number in range(300):
        each = trait(str(number), f"class {number % 4}")
        plain = rng.normal(size=32)
        known = {"plain": plain, "copy": plain + rng.normal(0, 0.05, 32)}
        each = type(each)(**{**vars(each), **known})
        found.append(Entry(each, f"d{number}", f"g{number}", False, False, True))
    return found


def test_copies_on_both_sides_make_ignorance_look_like_knowledge(entries):
    found = {each.name: each for each in leak_experiment(entries, seed=1)}
    assert found["leaky"].value > 0.85
    assert found["grouped"].value < 0.35
    assert found["random"].value < 0.35
    assert found["majority"].value == pytest.approx(0.25)
    for each in found.values():
        assert each.low <= each.value <= each.high


def test_the_same_seed_gives_the_same_figures(entries):
    assert leak_experiment(entries, 3) == leak_experiment(entries, 3)
    assert leak_experiment(entries, 3) != leak_experiment(entries, 4)


def test_too_few_groups_give_no_figures(entries):
    assert leak_experiment(entries[:9], 1) == []


def test_the_nearest_of_another_fold_names_the_class():
    features = np.array([[1.0, 0], [0.9, 0.1], [0, 1.0], [0.1, 0.9]])
    labels, folds = np.array([0, 0, 1, 0]), np.array([0, 1, 0, 1])
    assert hits(features, labels, folds).tolist() == [True, True, False, False]
