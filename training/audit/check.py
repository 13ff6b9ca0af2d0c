"""Checks whether a data set is complete, in a few minutes, before anything is computed from it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from classifier.radiograph import RefusedFile, read_radiograph
from training.audit.expected import expected_of, shortfalls
from training.audit.manifest import read_manifest
from training.datasets.layout import Picture, counts

_TOLD = 20  # faults of one kind that are listed one by one


@dataclass(frozen=True)
class Completeness:
    """``facts``: what is there. ``faults``: what is missing, changed or unreadable. Both are sentences."""

    facts: list[str]
    faults: list[str]


def check(folder: Path, pictures: list[Picture], progress: bool) -> Completeness:
    """Reads every picture. The manifest lists what must be there; without one, the known download does."""
    rows, expected = read_manifest(folder), expected_of(pictures)
    facts = [
        f"{label}{'/' + split if split else ''}: {count:,} pictures"
        for (label, split), count in sorted(counts(pictures).items())
    ]
    facts.append(f"{len(pictures):,} pictures in all.")
    unreadable, hashes = _read(folder, pictures, progress)
    faults = list(unreadable)
    if rows:
        faults += _against(rows, hashes)
        facts.append(f"The folder's manifest.csv lists {len(rows):,} pictures.")
    if expected is not None:
        sentences = [
            f"Against {expected.name}: {sentence}" for sentence in shortfalls(pictures, expected)
        ]
        (facts if rows else faults).extend(sentences)
        facts += [expected.note] if expected.note else []
    elif not rows:
        facts.append(
            "This is none of the known data sets and has no manifest.csv, so nobody knows how many "
            "pictures belong here."
        )
    return Completeness(facts, faults)


def _read(
    folder: Path, pictures: list[Picture], progress: bool
) -> tuple[list[str], dict[str, str]]:
    """A sentence for each picture that can't be read, and path → SHA-256 of all pictures."""
    sentences, hashes = [], {}
    for picture in tqdm(pictures, desc="checking", unit="picture", disable=not progress):
        path = folder / picture.path
        try:
            data = path.read_bytes()
            hashes[picture.path] = hashlib.sha256(data).hexdigest()
            read_radiograph(data, path.name)
        except (RefusedFile, OSError) as error:
            sentences.append(f"{picture.path}: {error}")
    return sentences, hashes


def _against(rows: list[dict[str, str]], hashes: dict[str, str]) -> list[str]:
    missing = [row["path"] for row in rows if row["path"] not in hashes]
    other = [
        row["path"]
        for row in rows
        if row["path"] in hashes and row.get("sha256", hashes[row["path"]]) != hashes[row["path"]]
    ]
    strange = sorted(set(hashes) - {row["path"] for row in rows})
    return [
        *_listed("{} is in manifest.csv and not in the folder.", missing),
        *_listed("{} is not the file that manifest.csv lists: its SHA-256 differs.", other),
        *_listed("{} is in the folder and not in manifest.csv.", strange),
    ]


def _listed(sentence: str, paths: list[str]) -> list[str]:
    sentences = [sentence.format(path) for path in paths[:_TOLD]]
    rest = len(paths) - _TOLD
    return [*sentences, sentence.format(f"… and {rest:,} more, each")] if rest > 0 else sentences
