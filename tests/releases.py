"""Folders of releases for tests: the released model under another version, whole or broken."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from classifier.release import default_release_path
from triage.inference.releases import release_folder
from triage.models import Release


def release_copy(folder: Path, version: str, *, onnx: bytes | None = None, **manifest: Any) -> Path:
    """A copy of the released model as ``version``, every hash right.

    Args:
        onnx: what its graph is instead of the released one.
        manifest: what its manifest says otherwise.
    """
    target = folder / version
    shutil.copytree(default_release_path(), target)
    path = target / "manifest.json"
    content = {**json.loads(path.read_bytes()), "version": version, **manifest}
    if onnx is not None:
        name = content["weights"]["onnx"]
        (target / name).write_bytes(onnx)
        content["files"][name] = hashlib.sha256(onnx).hexdigest()
    path.write_text(json.dumps(content))
    return target


def weights(release: Release) -> Path:
    """The graph of a registered release, to be cut."""
    folder = release_folder(release)
    return folder / json.loads((folder / "manifest.json").read_bytes())["weights"]["onnx"]


def cut(path: Path) -> bytes:
    """Leaves the file's first kilobyte and returns what it was."""
    whole = path.read_bytes()
    path.write_bytes(whole[:1000])
    return whole
