"""Pictures of both collections that the authors saw to be no plain radiographs of a bone."""

import csv
from pathlib import Path

_NOT_RADIOGRAPHS = Path(__file__).parent / "annotations" / "not_radiographs.csv"


def not_radiographs() -> dict[str, str]:
    """SHA-256 → kind. They are left out of types and bones, and train the kinds head."""
    with _NOT_RADIOGRAPHS.open(newline="") as file:
        return {row["sha256"]: row["kind"] for row in csv.DictReader(file)}
