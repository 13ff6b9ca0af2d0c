"""The results that a run has computed already, so that a killed audit continues."""

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
    """Arrays, stored by what they were computed from: another picture or setting is another file."""

    folder: Path

    def get(self, step: str, made_from: Any, compute: Callable[[], Arrays]) -> Arrays:
        """The result of ``compute`` for ``made_from`` (JSON), of this run or of an earlier one."""
        source = json.dumps(made_from, sort_keys=True).encode()
        path = self.folder / f"{step}-{hashlib.sha256(source).hexdigest()[:16]}.npz"
        if path.is_file():
            try:
                with np.load(path) as held:
                    return dict(held)
            except (OSError, ValueError, EOFError, BadZipFile):
                path.unlink()  # a full disk leaves such files; they are computed again
        arrays = compute()
        # Features hardly compress, and an audit of ten thousand pictures keeps many of them.
        save_arrays(path, arrays, compressed=False)
        return arrays
