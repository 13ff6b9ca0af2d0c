"""Files and folders that appear whole or not at all: written under another name, then renamed.

A process may be killed at any moment, and another process may read the run at the same time. A rename within
one file system is atomic, so a reader sees the old content or the new one and never half of it.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import numpy as np
import torch
from safetensors.torch import save_file


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yields a path to write to; the file gets the name ``path`` when the block ends without an error.

    The other name ends in ``.part`` behind the whole name, so that no pattern of finished files finds it.
    The process id is in it because several processes may write the same file of a shared run.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    yield unfinished
    unfinished.replace(path)


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """Yields an empty folder that takes the place of ``target`` when the block ends without an error.

    A folder can't be renamed over another one that holds files. The old folder is therefore moved away
    first: whenever the process is killed, one of the two is whole.
    """
    # A name of its own for each call: two exports don't write into one folder.
    unfinished = target.parent / f".{target.name}.{uuid4().hex[:8]}"
    unfinished.mkdir(parents=True)
    try:
        yield unfinished
    except BaseException:
        shutil.rmtree(unfinished)
        raise
    previous = unfinished.with_name(f"{unfinished.name}-last")
    if target.exists():
        target.rename(previous)
    unfinished.rename(target)
    shutil.rmtree(previous, ignore_errors=True)


def write_file(path: Path, content: str | bytes) -> None:
    with atomic_file(path) as unfinished:
        unfinished.write_bytes(content.encode() if isinstance(content, str) else content)


def save_arrays(path: Path, arrays: dict[str, np.ndarray], compressed: bool = True) -> None:
    save = np.savez_compressed if compressed else np.savez
    # An open file, because numpy would add .npz to a name of its own.
    with atomic_file(path) as unfinished, unfinished.open("wb") as file:
        save(file, allow_pickle=False, **arrays)  # type: ignore[operator]


def save_tensors(
    path: Path, tensors: dict[str, torch.Tensor], metadata: dict[str, str] | None = None
) -> None:
    """Writes safetensors."""
    with atomic_file(path) as unfinished:
        save_file(
            {name: tensor.cpu().contiguous() for name, tensor in tensors.items()},
            unfinished,
            metadata,
        )
