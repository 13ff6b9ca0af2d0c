"""Writes the report of a finished run."""

import logging
from pathlib import Path

from training.errors import TrainingError
from training.evaluation.calibration import fit_temperature
from training.evaluation.evaluate import evaluate
from training.evaluation.scores import RunScores
from training.publishing.report.examples import figures, most_confident
from training.publishing.report.page import Examples, report_page
from training.storage.atomic import write_file
from training.storage.files import read_run

logger = logging.getLogger("training")


def write_report(run: Path, data: Path, seed: int | None = None, progress: bool = False) -> Path:
    """Writes ``run``/report.html and returns its path. ``seed``: of the intervals; None: the run's.

    Raises TrainingError if the run is unfinished, or the radiographs of the examples aren't below
    ``data``.
    """
    scores = RunScores.of_run(run)
    if not (data / "bone-break").is_dir():
        raise TrainingError(f"{data} holds no bone-break, whose radiographs are the examples.")
    made = read_run(run)
    right, wrong = most_confident(run, fit_temperature(scores.types.logits, scores.types.labels))
    examples = Examples(figures(right, data), figures(wrong, data))
    seed = made["config"]["seed"] if seed is None else seed
    metrics = evaluate(scores, seed, progress=progress)
    path = run / "report.html"
    write_file(path, report_page(made["config"], metrics, examples))
    return path
