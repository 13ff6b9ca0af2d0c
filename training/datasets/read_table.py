"""CSV files that come with the data. What is wrong with one is said in a sentence with its path."""

import csv
from collections.abc import Collection
from pathlib import Path

from training.errors import TrainingError


def read_table(path: Path, needed: Collection[str]) -> list[dict[str, str]]:
    """The rows as column → text. ``needed``: columns that must be there; others may be.

    Raises TrainingError if there is no such file, it isn't UTF-8 text, it lacks a column, or a row has
    fewer or more values than the header has columns.
    """
    if not path.is_file():
        raise TrainingError(f"There is no {path}.")
    rows = []
    try:
        # A spreadsheet's "CSV UTF-8" begins with a byte order mark, which is not a part of the first name.
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if missing := set(needed) - set(reader.fieldnames or ()):
                raise TrainingError(f"{path} lacks the columns {', '.join(sorted(missing))}.")
            for row in reader:
                if None in row or None in row.values():
                    raise TrainingError(
                        f"{path}: line {reader.line_num} has not as many values as the header has columns."
                    )
                rows.append(row)
    except (UnicodeDecodeError, csv.Error):
        raise TrainingError(f"{path} is no CSV file of UTF-8 text.") from None
    return rows
