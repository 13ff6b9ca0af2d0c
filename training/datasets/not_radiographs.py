"""What was found by eye to be no plain radiograph of a bone, in either collection."""

import csv
from pathlib import Path

_NOT_RADIOGRAPHS = Path(__file__).parent / "annotations" / "not_radiographs.csv"


def not_radiographs() -> dict[str, str]:
    """SHA-256 → kind. They are kept out of types and bones, and teach what to refuse."""
    with _NOT_RADIOGRAPHS.open(newline="") as file:
        return {row["sha256"]: row["kind"] for row in csv.DictReader(file)}
