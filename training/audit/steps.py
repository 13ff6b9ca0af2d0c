"""The steps of an audit, and the files that it writes into the run's folder."""

import json
import logging
from pathlib import Path

from training.audit.findings import Findings
from training.audit.frozen import use_one_thread
from training.audit.groups import grouped
from training.audit.leak import leak_experiment
from training.audit.manifest import agreement, manifest_csv, read_manifest
from training.audit.report import report
from training.audit.store import Store
from training.audit.traits import read_traits
from training.audit.twins import find_twins
from training.datasets.layout import Picture
from training.errors import TrainingError
from training.storage.atomic import write_file

logger = logging.getLogger("training")


def examine(
    folder: Path, pictures: list[Picture], run: Path, seed: int, progress: bool
) -> Findings:
    """All findings. Results of an earlier run are reused."""
    use_one_thread()
    store = Store(run / "cache")
    traits, unreadable = read_traits(folder, pictures, store, seed, progress)
    if not traits:
        raise TrainingError(
            f"None of the {len(pictures):,} pictures in {folder} can be read. "
            f"The first: {unreadable[0].reason}"
        )
    pairs = find_twins(traits, store, progress)
    entries = grouped(traits, pairs)
    given = read_manifest(folder)
    compared = {
        column: agreement(entries, given, column)
        for column in ("dup_id", "group_id")
        if given and all(column in row and "path" in row for row in given)
    }
    return Findings(folder, entries, pairs, unreadable, leak_experiment(entries, seed), compared)


def write(findings: Findings, run: Path) -> None:
    """Writes the manifest, the page and the figures.

    Nothing is written into the data folder: ``fit`` looks for a manifest in the run's folder first.
    """
    manifest = manifest_csv(findings.entries)
    write_file(run / "report.html", report(findings))
    write_file(run / "audit.json", json.dumps(findings.as_dict(), indent=2) + "\n")
    write_file(run / "manifest.csv", manifest)
    counts = findings.counts
    logger.info(
        "%(pictures)s pictures, %(radiographs)s radiographs, %(groups)s groups; %(leaked)s leaked, "
        "%(conflicting)s in several classes, %(unreadable)s unreadable",
        counts,
    )
    logger.info("report: %s", run / "report.html")
    logger.info("manifest: %s", run / "manifest.csv")
