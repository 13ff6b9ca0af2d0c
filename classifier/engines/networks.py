"""Checks that a release's files hold the networks that its manifest describes, with the same input sizes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from safetensors import safe_open

from classifier.release import LoadedRelease
from classifier.release_errors import ReleaseCorrupt

TYPES_INPUT, DETECTOR_INPUT = "images", "detector_images"


def check_networks(release: LoadedRelease, inputs: Mapping[str, Sequence[object]]) -> None:
    """Checks the files before an engine runs them. An engine would not notice these faults: an output that is
    missing is read as zeros, and a network also runs at a size at which nobody evaluated it.

    Args:
        release: the release to check.
        inputs: the graph's inputs: name → shape (N, 3, S, S). A dynamic axis is a text.

    Raises:
        ReleaseCorrupt: graph or weights hold other networks, or of other sizes, than the manifest says.
    """
    sizes = {TYPES_INPUT: release.preprocessing.size}
    if release.detector is not None:
        sizes[DETECTOR_INPUT] = release.detector.preprocessing.size
    if set(inputs) != set(sizes):
        raise _of_others(release.file("onnx"))
    with safe_open(release.file("safetensors"), "np") as file:
        if ("detector" in (file.metadata() or {})) != (release.detector is not None):
            raise _of_others(release.file("safetensors"))
    for name, size in sizes.items():
        sides = [side for side in inputs[name][2:] if isinstance(side, int)]
        if any(side != size for side in sides):
            raise ReleaseCorrupt(
                "other_size", path=release.file("onnx"), input=name, given=sides[0], size=size
            )


def _of_others(path: Path) -> ReleaseCorrupt:
    return ReleaseCorrupt("other_networks", path=path)
