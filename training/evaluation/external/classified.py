"""Classifies an external collection in the same way as the site: decoder, then classifier."""

import hashlib
import logging
import math

import numpy as np
from tqdm import tqdm

from classifier.classify import Classifier
from classifier.finding import Finding
from classifier.radiograph import Radiograph, RefusedFile, read_radiograph
from training.datasets.external_collection import Picture
from training.errors import TrainingError
from training.evaluation.external.scores import ExternalScores
from training.evaluation.rounding import rounded

# Beyond about 36, log-odds become probabilities of exactly 0 or 1 in double precision.
_LEAST = 1e-15
logger = logging.getLogger(__name__)


def classify_collection(
    classifier: Classifier, pictures: list[Picture], collection: str, progress: bool = False
) -> ExternalScores:
    """What the release says of each picture. Pictures are classified one at a time, as on the site.

    A file that the decoder refuses is "unread", and the log names it. Raises TrainingError if the release
    gives no fracture call, or a file is missing or is not the one that the manifest names.
    """
    sizes, calls, log_odds = [], [], []
    for picture in tqdm(pictures, desc="measuring", unit="picture", disable=not progress):
        radiograph = _read(picture)
        if radiograph is None:
            sizes.append((0, 0))
            calls.append("unread")
            log_odds.append(math.nan)
            continue
        (finding,) = classifier.classify([radiograph])
        height, width = radiograph.pixels.shape
        sizes.append((width, height))
        calls.append(finding.call or "not_assessable")
        log_odds.append(_log_odds(finding))
    return ExternalScores(
        collection,
        np.array([picture.sha256[:16] for picture in pictures]),
        np.array([picture.group for picture in pictures]),
        np.array([int(picture.fractured) for picture in pictures]),
        np.array(sizes, int),
        np.array(calls),
        rounded(np.array(log_odds)),
        {
            name: np.array([picture.marks[name] for picture in pictures])
            for name in pictures[0].marks
        },
    )


def _read(picture: Picture) -> Radiograph | None:
    try:
        content = picture.path.read_bytes()
    except OSError as error:
        raise TrainingError(f"{picture.path}: {error.strerror}.") from None
    if hashlib.sha256(content).hexdigest() != picture.sha256:
        raise TrainingError(f"{picture.path} is not the file that the manifest names.")
    try:
        return read_radiograph(content, picture.path.name)
    except RefusedFile as error:
        logger.info("left out: %s", error)
        return None


def _log_odds(finding: Finding) -> float:
    if finding.fracture_probability is None:
        raise TrainingError(
            f"{finding.release} gives no fracture call, so nothing can be measured."
        )
    probability = min(max(finding.fracture_probability, _LEAST), 1 - _LEAST)
    return math.log(probability / (1 - probability))
