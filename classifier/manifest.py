"""Reads a release's manifest.json strictly, and compares it with the files of the release."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from classifier.assessability import KINDS
from classifier.labels import CLASSES
from classifier.release_errors import ReleaseCorrupt, ReleaseIncompatible, ReleaseMissing

FORMAT = 2
DETECTOR_FORMAT = 3  # as 2, with a second network, the detector
READABLE = (FORMAT, DETECTOR_FORMAT)
WEIGHTS = ("onnx", "safetensors")
# A release's name and version become parts of a path. Their lengths are those of the site's columns.
PATH_PARTS = {
    "name": re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,79}"),
    "version": re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,39}"),
}


def read_manifest(folder: Path) -> tuple[dict[str, Any], str]:
    """The manifest and its SHA-256, after a check of its format, its title and the hash of every file.

    Raises:
        ReleaseMissing, ReleaseIncompatible, ReleaseCorrupt: with a sentence that says which and why.
    """
    path = Path(folder) / "manifest.json"
    try:
        raw = path.read_bytes()
    except OSError:
        raise ReleaseMissing("no_manifest", path=folder) from None
    manifest = _parsed(raw, path)
    _check_format(manifest, path)
    _check_title(manifest, path)
    _check_files(manifest, Path(folder))
    _check_weights(manifest, path)
    return manifest, hashlib.sha256(raw).hexdigest()


def _no_number(name: str) -> None:
    """Rejects NaN and Infinity, which are not JSON: Python accepts them, PostgreSQL does not."""
    raise ValueError(name)


def _parsed(raw: bytes, path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(raw, parse_constant=_no_number)
    except ValueError:
        raise ReleaseCorrupt("not_json", path=path) from None
    if not isinstance(manifest, dict):
        raise ReleaseCorrupt("not_a_manifest", path=path)
    return manifest


def _check_format(manifest: dict[str, Any], path: Path) -> None:
    if manifest.get("format") not in READABLE:
        raise ReleaseIncompatible(
            "other_format",
            path=path,
            given=repr(manifest.get("format")),
            older=FORMAT,
            newer=DETECTOR_FORMAT,
        )
    if tuple(manifest.get("kinds", KINDS)) != KINDS:
        raise ReleaseIncompatible("other_kinds", path=path)
    if tuple(manifest.get("labels", ())) != CLASSES:
        raise ReleaseIncompatible("other_classes", path=path)


def _check_title(manifest: dict[str, Any], path: Path) -> None:
    for key, pattern in PATH_PARTS.items():
        value = manifest.get(key)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ReleaseCorrupt("bad_title", path=path, key=key, given=f"{value!r:.100}")


def _check_files(manifest: dict[str, Any], folder: Path) -> None:
    files = manifest.get("files")
    if not isinstance(files, dict) or not files:
        raise ReleaseCorrupt("no_files", path=folder / "manifest.json")
    for name, expected in files.items():
        if Path(name).name != name:
            raise ReleaseCorrupt("file_outside", path=folder / "manifest.json")
        try:
            actual = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError:
            raise ReleaseCorrupt("file_missing", path=folder / name) from None
        if actual != expected:
            raise ReleaseCorrupt("file_differs", path=folder / name)
    # A graph could name another file as its weights: every file needs a hash.
    for path in sorted(folder.iterdir()):
        if path.name != "manifest.json" and path.name not in files:
            raise ReleaseCorrupt("file_unknown", path=path)


def _check_weights(manifest: dict[str, Any], path: Path) -> None:
    """Checks that the weights are among the hashed files."""
    weights = manifest.get("weights")
    names = [weights.get(kind) for kind in WEIGHTS] if isinstance(weights, dict) else [None]
    if any(name not in list(manifest["files"]) for name in names):
        raise ReleaseCorrupt("no_weights", path=path)


def call_figures(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest's figures of the fracture call, by cross-validation on the pictures that it was calibrated
    on: of the detector, or of the fracture head if there is no detector. Empty if the manifest has none.
    """
    metrics = manifest.get("metrics")
    if not isinstance(metrics, dict):
        return {}
    detector = metrics.get("detector")
    found = detector.get("fracatlas") if isinstance(detector, dict) else metrics.get("fracture")
    return found if isinstance(found, dict) else {}
