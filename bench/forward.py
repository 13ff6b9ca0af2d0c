"""The forward pass alone: what no way of serving can save."""

import time

import numpy as np

from classifier.classify import Classifier

ROUNDS = 20


def forward_seconds(classifier: Classifier | None = None) -> float:
    """Processor seconds of the release's networks for one picture, one thread: the best of several."""
    classifier = classifier or Classifier(threads=1)
    release, engine = (
        classifier.release,
        classifier._engine,
    )  # the only reader of an engine is the classifier
    sizes = [release.preprocessing.size]
    if release.detector is not None:
        sizes.append(release.detector.preprocessing.size)
    batches = [np.zeros((1, 3, size, size), np.float32) for size in sizes]
    best = float("inf")
    for _round in range(ROUNDS):
        start = time.process_time()
        engine.run(*batches)
        best = min(best, time.process_time() - start)
    return best
