"""The released classifier, and radiographs drawn for it."""

import numpy as np
import pytest

from classifier.classify import Classifier
from classifier.radiograph import Radiograph
from classifier.release import LoadedRelease, default_release_path, load_release


@pytest.fixture(scope="session")
def release() -> LoadedRelease:
    return load_release(default_release_path())


@pytest.fixture(scope="session")
def classifier(release) -> Classifier:
    return Classifier(release.folder)


@pytest.fixture(scope="session")
def plain(plain_release) -> LoadedRelease:
    """The released types alone: a release of format 2."""
    return load_release(plain_release)


@pytest.fixture(scope="session")
def plain_classifier(plain) -> Classifier:
    return Classifier(plain.folder)


@pytest.fixture(scope="session")
def radiographs() -> list[Radiograph]:
    """A tall, a wide and a square one, a broken shaft on each, with grain."""
    return [drawn(300, 180, seed=1), drawn(170, 260, seed=2), drawn(224, 224, seed=3)]


def drawn(height: int, width: int, seed: int) -> Radiograph:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    shaft = np.abs(x - width / 2 - (y - height / 2) * rng.uniform(-0.5, 0.5)) < width / 7
    gap = np.abs(y - height / 2 + x * rng.uniform(-0.5, 0.5)) < 4
    grey = 35 + 150 * (shaft & ~gap) + rng.normal(0, 9, (height, width))
    return Radiograph(grey.clip(0, 255).astype(np.uint8), 8, "png")
