"""What a run has computed already, so that a killed audit goes on where it was."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from training.storage.atomic import save_arrays

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Store:
    """Arrays by what they were made from: another picture or setting is another file."""

    folder: Path

    def get(self, step: str, made_from: Any, compute: Callable[[], Arrays]) -> Arrays:
        """What ``compute`` gave for ``made_from`` (JSON), now or in a run before this one."""
        told = json.dumps(made_from, sort_keys=True).encode()
        path = self.folder / f"{step}-{hashlib.sha256(told).hexdigest()[:16]}.npz"
        if path.is_file():
            try:
                with np.load(path) as held:
                    return dict(held)
            except (OSError, ValueError, EOFError, BadZipFile):
                path.unlink()  # a disk that was full leaves such files; they are made anew
        arrays = compute()
        # Features hardly compress, and an audit of ten thousand pictures keeps many of them.
        save_arrays(path, arrays, compressed=False)
        return arrays
