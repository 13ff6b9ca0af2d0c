"""What every writer of a release does: model card, plots, and a manifest with the hashes."""

import hashlib
import json
import logging
from pathlib import Path
from typing import Any

from training.page.charts import standalone
from training.publishing.card.model_card import model_card
from training.publishing.plots import plot_file, plots

logger = logging.getLogger(__name__)
CARD = "MODEL_CARD.md"


def warn_of_neighbours(target: Path) -> None:
    """Logs a warning for each other release beside ``target``: a command can't choose between two."""
    for other in sorted(path.parent for path in target.parent.glob("[!.]*/manifest.json")):
        if other != target:
            logger.warning(
                "%s lies beside it: where no release is named, one alone is meant", other
            )


def describe(folder: Path, manifest: dict[str, Any]) -> None:
    """Writes the card, the plots and, last, the manifest with the hash of every file in ``folder``."""
    manifest = {name: value for name, value in manifest.items() if name != "files"}
    (folder / CARD).write_text(model_card(manifest))
    for name, svg in plots(manifest["metrics"]).items():
        (folder / plot_file(name)).write_text(standalone(svg))
    manifest["files"] = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2, allow_nan=False) + "\n")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
