"""Whether a release's files hold the networks that its manifest tells of, and of the sizes that it says."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from safetensors import safe_open

from classifier.release import LoadedRelease
from classifier.release_errors import ReleaseCorrupt

TYPES_INPUT, DETECTOR_INPUT = "images", "detector_images"


def check_networks(release: LoadedRelease, inputs: Mapping[str, Sequence[object]]) -> None:
    """Each engine would notice another fault: a network that isn't asked has zeros where its score was, and
    one that is run at another size answers, though nobody measured it so.

    Args:
        release: whose manifest is compared with its files.
        inputs: the graph's, by name, each with its shape (N, 3, S, S); an axis of any length is a text.

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
                f"{release.file('onnx')} reads {name} of {sides[0]} pixels, and the manifest says {size}."
            )


def _of_others(path: Path) -> ReleaseCorrupt:
    return ReleaseCorrupt(f"{path} holds other networks than the manifest says.")
