"""A release is a folder: manifest.json, weights (safetensors), the ONNX graph that reads them, a model card,
each with its hash.
"""

import hashlib
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from classifier.assessability import KINDS, AssessabilityRule
from classifier.boxes import BoxRule
from classifier.call import CallRule
from classifier.indication_table import read_indications
from classifier.indications import Indications
from classifier.labels import CLASSES
from classifier.preprocess import Preprocessing

FORMAT = 2
DETECTOR_FORMAT = 3  # as 2, with a second network that says where a fracture is
Rule = TypeVar("Rule")
READABLE = (FORMAT, DETECTOR_FORMAT)
WEIGHTS = ("onnx", "safetensors")
# A release's name and version are parts of the path that it is copied to. At most as many characters as a
# site stores of them.
PATH_PARTS = {
    "name": re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,79}"),
    "version": re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,39}"),
}
RELEASES = Path(__file__).resolve().parent / "releases"


class ReleaseError(Exception):
    """A release that can't be used. The message is one sentence for the person who asked."""


class ReleaseMissing(ReleaseError):
    """There is no release in the folder."""


class ReleaseIncompatible(ReleaseError):
    """The release was made for another version of Callus."""


class ReleaseCorrupt(ReleaseError):
    """A file of the release is missing or not what the manifest says."""


@dataclass(frozen=True)
class Detector:
    """What the manifest says of the network that looks for the place of a fracture."""

    preprocessing: Preprocessing
    boxes: BoxRule

    def __post_init__(self) -> None:
        size = self.preprocessing.size
        if not isinstance(size, int) or size < 32 or size % 32:
            raise ValueError("detector: a size that is a multiple of 32")


@dataclass(frozen=True)
class LoadedRelease:
    """A verified release. ``sha256`` is the manifest's own hash, and the manifest holds the others'.

    ``set_thresholds``: class → the least probability with which it enters the prediction set.
    ``detector`` is None where a release has no such network (format 2).
    ``indications``: where it may be used. Raises ValueError on a temperature or threshold out of its range.
    """

    folder: Path
    manifest: dict[str, Any]
    sha256: str
    name: str
    version: str
    labels: tuple[str, ...]
    preprocessing: Preprocessing
    temperature: float
    set_thresholds: dict[str, float]
    call: CallRule
    assessability: AssessabilityRule
    indications: Indications
    detector: Detector | None = None

    def __post_init__(self) -> None:
        if not 0 < self.temperature < math.inf:
            raise ValueError("a finite temperature above 0")
        if not all(0 <= threshold <= 1 for threshold in self.set_thresholds.values()):
            raise ValueError("thresholds of the prediction set from 0 to 1")

    @property
    def title(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def call_is_usable(self) -> bool:
        """Whether the call of fracture or none may be used on bones that the release has not seen.

        The manifest's word. Denied unless the manifest allows it: what nobody measured is not used.
        """
        return self.manifest["call"].get("usable") is True

    @property
    def prevalence(self) -> float | None:
        """The share of broken bones among the pictures that the call was calibrated on; None: not told."""
        measured = call_figures(self.manifest)
        part, whole = measured.get("fractured"), measured.get("pictures")
        if not isinstance(part, int) or not isinstance(whole, int) or not 0 < part < whole:
            return None
        return part / whole

    def file(self, kind: str) -> Path:
        """The path of the weights of ``kind``: "onnx" or "safetensors"."""
        return self.folder / self.manifest["weights"][kind]


def call_figures(manifest: dict[str, Any]) -> dict[str, Any]:
    """What a manifest says of its fracture call on the pictures that it was calibrated on, as held-out folds:
    of the detector where there is one, else of the head on the types' maps. Empty where it says nothing.
    """
    metrics = manifest.get("metrics")
    if not isinstance(metrics, dict):
        return {}
    detector = metrics.get("detector")
    found = detector.get("fracatlas") if isinstance(detector, dict) else metrics.get("fracture")
    return found if isinstance(found, dict) else {}


def default_release_path() -> Path:
    """The release that comes with Callus. Raises ReleaseMissing where there isn't exactly one."""
    found = sorted(path.parent for path in RELEASES.glob("[!.]*/manifest.json"))
    if len(found) != 1:
        raise ReleaseMissing(
            f"classifier/releases holds {len(found)} releases; exactly one is meant."
        )
    return found[0]


def load_release(folder: Path) -> LoadedRelease:
    """Reads and verifies a release folder: its format, its labels, the hash of every file.

    Raises:
        ReleaseMissing, ReleaseIncompatible, ReleaseCorrupt: with a sentence that says which and why.
    """
    path = Path(folder) / "manifest.json"
    try:
        raw = path.read_bytes()
    except OSError:
        raise ReleaseMissing(f"{folder} holds no release: there is no manifest.json.") from None
    manifest = _parsed(raw, path)
    _check_format(manifest, path)
    _check_title(manifest, path)
    _check_files(manifest, Path(folder))
    _check_weights(manifest, path)
    try:
        return LoadedRelease(
            folder=Path(folder),
            manifest=manifest,
            sha256=hashlib.sha256(raw).hexdigest(),
            name=manifest["name"],
            version=manifest["version"],
            labels=tuple(manifest["labels"]),
            preprocessing=Preprocessing.from_manifest(manifest["preprocessing"]),
            temperature=_number(manifest["temperature"]),
            set_thresholds=_set_thresholds(manifest),
            call=_rule(CallRule, manifest, "call"),
            assessability=_rule(AssessabilityRule, manifest, "assessability"),
            detector=_detector(manifest),
            indications=_indications(manifest, path),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ReleaseCorrupt(f"{path} lacks what a manifest needs: {error}.") from None


def _no_number(name: str) -> None:
    """NaN and Infinity, which Python reads and PostgreSQL does not: no JSON."""
    raise ValueError(name)


def _parsed(raw: bytes, path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(raw, parse_constant=_no_number)
    except ValueError:
        raise ReleaseCorrupt(f"{path} is no JSON.") from None
    if not isinstance(manifest, dict):
        raise ReleaseCorrupt(f"{path} is no manifest.")
    return manifest


def _check_format(manifest: dict[str, Any], path: Path) -> None:
    if manifest.get("format") not in READABLE:
        raise ReleaseIncompatible(
            f"{path} is of format {manifest.get('format')!r}, but this Callus reads formats "
            f"{' and '.join(map(str, READABLE))}: use a release of one of these, such as the one that comes "
            "with Callus."
        )
    if tuple(manifest.get("kinds", KINDS)) != KINDS:
        raise ReleaseIncompatible(f"{path} names other kinds of pictures than this Callus knows.")
    if tuple(manifest.get("labels", ())) != CLASSES:
        raise ReleaseIncompatible(f"{path} names other classes than this Callus knows.")


def _check_title(manifest: dict[str, Any], path: Path) -> None:
    for key, pattern in PATH_PARTS.items():
        value = manifest.get(key)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ReleaseCorrupt(
                f"{path} needs a {key} of letters, digits and .+-_ alone, not {value!r:.100}."
            )


def _number(value: object) -> float:
    """Not a text or a truth value, which ``float`` would take."""
    if type(value) not in (int, float):
        raise ValueError(f"{value!r:.60} is no number")
    return float(value)  # type: ignore[arg-type]


def _set_thresholds(manifest: dict[str, Any]) -> dict[str, float]:
    known = manifest["prediction_set"]["thresholds"]
    return {name: _number(known[name]) for name in CLASSES}


def _rule(kind: Callable[..., Rule], manifest: dict[str, Any], key: str) -> Rule:
    """The numbers under ``key``, apart from its words."""
    return kind(**{name: _number(value) for name, value in manifest[key]["rule"].items()})


def _detector(manifest: dict[str, Any]) -> Detector | None:
    if manifest["format"] != DETECTOR_FORMAT:
        return None
    told = manifest["detector"]
    numbers = {name: value for name, value in told["boxes"].items() if name != "method"}
    most = numbers.pop("most")  # a whole number, which BoxRule looks at
    rule = BoxRule(**{name: _number(value) for name, value in numbers.items()}, most=most)
    return Detector(Preprocessing.from_manifest(told["preprocessing"]), rule)


def _indications(manifest: dict[str, Any], path: Path) -> Indications:
    """Read strictly: a word that isn't known would exclude nothing, and nobody would notice."""
    try:
        return read_indications(manifest)
    except ValueError as error:
        raise ReleaseCorrupt(f"{path} has a table that can't be used: {error}") from None


def _check_files(manifest: dict[str, Any], folder: Path) -> None:
    files = manifest.get("files")
    if not isinstance(files, dict) or not files:
        raise ReleaseCorrupt(f"{folder / 'manifest.json'} lists no files.")
    for name, expected in files.items():
        if Path(name).name != name:
            raise ReleaseCorrupt(f"{folder / 'manifest.json'} names a file outside its folder.")
        try:
            actual = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError:
            raise ReleaseCorrupt(f"{folder / name} is missing.") from None
        if actual != expected:
            raise ReleaseCorrupt(
                f"{folder / name} is not the file that was released: its SHA-256 differs."
            )
    # What no hash covers a graph could name as its weights.
    for path in sorted(folder.iterdir()):
        if path.name != "manifest.json" and path.name not in files:
            raise ReleaseCorrupt(f"{path} is no part of the release. Delete it.")


def _check_weights(manifest: dict[str, Any], path: Path) -> None:
    """Weights that no hash covers are never loaded."""
    weights = manifest.get("weights")
    names = [weights.get(kind) for kind in WEIGHTS] if isinstance(weights, dict) else [None]
    if any(name not in list(manifest["files"]) for name in names):
        raise ReleaseCorrupt(f"{path} does not name its weights among its files.")
