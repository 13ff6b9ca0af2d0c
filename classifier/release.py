"""A release is a folder: manifest.json, weights (safetensors), the ONNX graph that reads them and a model
card. The manifest has the hash of every other file.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from classifier.assessability import AssessabilityRule
from classifier.boxes import BoxRule
from classifier.call import CallRule
from classifier.indication_table import read_indications
from classifier.indications import Indications
from classifier.labels import CLASSES
from classifier.manifest import DETECTOR_FORMAT, call_figures, read_manifest
from classifier.preprocess import Preprocessing
from classifier.release_errors import ReleaseCorrupt, ReleaseMissing

Rule = TypeVar("Rule")
RELEASES = Path(__file__).resolve().parent / "releases"


@dataclass(frozen=True)
class Detector:
    """The manifest's entry for the detector: its preprocessing and its rule for boxes."""

    preprocessing: Preprocessing
    boxes: BoxRule

    def __post_init__(self) -> None:
        size = self.preprocessing.size
        if not isinstance(size, int) or size < 32 or size % 32:
            raise ValueError("detector: a size that is a multiple of 32")


@dataclass(frozen=True)
class LoadedRelease:
    """A verified release. ``sha256`` is the hash of the manifest, which has the hashes of the other files.

    ``set_thresholds``: class → the lowest probability with which it is in the prediction set. ``detector`` is
    None if the release has no such network (format 2). ``indications``: which pictures it may be used for.
    Raises ValueError if a temperature or threshold is out of its range.
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
        """Whether the call of fracture or none may be used on pictures that the release was not trained on.

        As the manifest says; False if it says nothing, because a call that nobody evaluated must not be used.
        """
        return self.manifest["call"].get("usable") is True

    @property
    def prevalence(self) -> float | None:
        """The share of fractured pictures among those that the call was calibrated on; None if unknown."""
        measured = call_figures(self.manifest)
        fractured, pictures = measured.get("fractured"), measured.get("pictures")
        if not isinstance(fractured, int) or not isinstance(pictures, int):
            return None
        return fractured / pictures if 0 < fractured < pictures else None

    @property
    def preprocessings(self) -> tuple[Preprocessing, ...]:
        """Those of its networks, in the order in which an engine takes their inputs."""
        own = (self.preprocessing,)
        return own if self.detector is None else (*own, self.detector.preprocessing)

    def file(self, kind: str) -> Path:
        """The path of the weights of ``kind``: "onnx" or "safetensors"."""
        return self.folder / self.manifest["weights"][kind]


def default_release_path() -> Path:
    """The release that comes with Callus. Raises ReleaseMissing if there isn't exactly one."""
    found = sorted(path.parent for path in RELEASES.glob("[!.]*/manifest.json"))
    if len(found) != 1:
        raise ReleaseMissing("not_one_release", path="classifier/releases", count=len(found))
    return found[0]


def load_release(folder: Path) -> LoadedRelease:
    """Reads a release folder and checks its format, its labels and the hash of every file.

    Raises:
        ReleaseMissing, ReleaseIncompatible, ReleaseCorrupt: the message is a sentence with the reason.
    """
    path = Path(folder) / "manifest.json"
    manifest, sha256 = read_manifest(folder)
    try:
        return LoadedRelease(
            folder=Path(folder),
            manifest=manifest,
            sha256=sha256,
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
        raise ReleaseCorrupt("lacks_an_entry", path=path, said=error) from None


def _number(value: object) -> float:
    """Rejects texts and booleans, which ``float`` would accept."""
    if type(value) not in (int, float):
        raise ValueError(f"{value!r:.60} is not a number")
    return float(value)  # type: ignore[arg-type]


def _set_thresholds(manifest: dict[str, Any]) -> dict[str, float]:
    known = manifest["prediction_set"]["thresholds"]
    return {name: _number(known[name]) for name in CLASSES}


def _rule(kind: Callable[..., Rule], manifest: dict[str, Any], key: str) -> Rule:
    """The rule whose numbers are under ``key``."""
    return kind(**{name: _number(value) for name, value in manifest[key]["rule"].items()})


def _detector(manifest: dict[str, Any]) -> Detector | None:
    if manifest["format"] != DETECTOR_FORMAT:
        return None
    entry = manifest["detector"]
    numbers = {name: value for name, value in entry["boxes"].items() if name != "method"}
    most = numbers.pop("most")  # an integer; BoxRule checks it
    rule = BoxRule(**{name: _number(value) for name, value in numbers.items()}, most=most)
    return Detector(Preprocessing.from_manifest(entry["preprocessing"]), rule)


def _indications(manifest: dict[str, Any], path: Path) -> Indications:
    """An unknown value is an error: it would exclude nothing, and nobody would notice."""
    try:
        return read_indications(manifest)
    except ValueError as error:
        raise ReleaseCorrupt("bad_indications", path=path, said=error) from None
