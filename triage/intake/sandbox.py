"""Decodes strangers' files in a limited child process, so that a bad one costs a sentence.

The child (``classifier.decode_child``) limits its own memory, processor time and files; this side
keeps the clock, believes no answer it has not checked, and starts another child when one dies.
Neither side opens a file. Nothing here imports an image library.
"""

import contextlib
import math
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from django.conf import settings

import classifier
from classifier.refused_file import Limits, RefusedFile
from triage.intake.answer import (
    HEADER_BYTES,
    DecodedImage,
    WrongAnswerError,
    image_sizes,
    read_header,
    read_image,
)
from triage.intake.pipe import ChildDiedError, Pipe, TimeIsUpError

_ROOT = Path(classifier.__file__).resolve().parent.parent
# A bare environment: no secret to steal, one thread a library, the same language everywhere.
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONNOUSERSITE": "1",
}
# Django cuts an uploaded file's name to 255 characters, at most 1,020 bytes of UTF-8: none is cut here.
_NAME_BYTES = 1024

__all__ = ["DecodedImage", "RefusedFile", "Sandbox", "SandboxLimits"]


@dataclass(frozen=True)
class SandboxLimits:
    """What one file may cost. ``settings.CALLUS_INTAKE`` overrides by these names.

    ``seconds`` and ``memory_bytes`` are set for the largest picture that ``max_pixels`` allows, on a slow and
    shared machine: a 12-bit radiograph takes about 0.8 s, and 50 million pixels of 16 bits are 100 MB, of
    which decoding, windowing and scaling hold several copies, some as float32.
    """

    max_bytes: int = Limits.bytes
    max_pixels: int = Limits.pixels
    seconds: float = 20
    memory_bytes: int = 2 * 1024**3

    @classmethod
    def from_settings(cls) -> Self:
        chosen = getattr(settings, "CALLUS_INTAKE", {})
        return cls(**{key: chosen[key] for key in cls.__dataclass_fields__ if key in chosen})

    @property
    def of_a_file(self) -> Limits:
        return Limits(self.max_bytes, self.max_pixels)

    @property
    def arguments(self) -> list[str]:
        """The command line of the child."""
        return [
            f"--max-bytes={self.max_bytes}",
            f"--max-pixels={self.max_pixels}",
            f"--cpu-seconds={math.ceil(self.seconds)}",
            f"--memory-bytes={self.memory_bytes}",
        ]


class Sandbox:
    """``with Sandbox() as sandbox: image = sandbox.decode(name, data)``.

    One child serves the files of one upload. Don't keep a sandbox between people: a file that
    took the child over could see the next one. Safe to call from several threads, one file at a
    time. A refused file leaves the sandbox ready for the next.
    """

    def __init__(self, limits: SandboxLimits | None = None) -> None:
        self.limits = limits or SandboxLimits.from_settings()
        self._child: subprocess.Popen[bytes] | None = None
        # A key for this upload alone: digests of two uploads can't be compared.
        self._environment = {**_ENVIRONMENT, "IDENTITY_KEY": secrets.token_hex(32)}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        with self._lock:
            self._start()  # it imports while the caller reads the upload
        return self

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._stop()

    def decode(self, name: str, data: bytes) -> DecodedImage:
        """One file as pictures. Raises RefusedFile; ``sandbox_…`` codes say how the child ended."""
        self.limits.of_a_file.check_bytes(name, len(data))
        with self._lock:
            child = self._start()
            try:
                return self._ask(child, name, data)
            except RefusedFile as refused:
                if refused.code == "sandbox_memory":
                    self._stop()  # it has given its last answer and is about to end
                raise
            except TimeIsUpError:
                self._stop()
                raise self._refusal("sandbox_timeout", name) from None
            except ChildDiedError:
                # A child that ends by itself gets a second for it: its exit status says what ended it.
                raise self._refusal(_cause_of_death(self._stop(grace=1)), name) from None
            except WrongAnswerError as wrong:
                self._stop()
                raise self._refusal("sandbox_crash", name) from wrong

    def _ask(self, child: "subprocess.Popen[bytes]", name: str, data: bytes) -> DecodedImage:
        deadline, pipe = time.monotonic() + self.limits.seconds, Pipe(child)
        title = name.encode(errors="replace")[-_NAME_BYTES:]
        pipe.write(len(title).to_bytes(4, "big") + title + len(data).to_bytes(8, "big"), deadline)
        pipe.write(data, deadline)
        size = int.from_bytes(pipe.read(4, deadline), "big")
        if size > HEADER_BYTES:
            raise WrongAnswerError("a header too long")
        header = read_header(pipe.read(size, deadline), name)
        sizes = image_sizes(header, self.limits.max_pixels)
        return read_image(header, [pipe.read(size, deadline) for size in sizes])

    def _refusal(self, code: str, name: str) -> RefusedFile:
        if code == "sandbox_timeout":
            return RefusedFile(code, name, seconds=math.ceil(self.limits.seconds))
        return RefusedFile(code, name)

    def _start(self) -> "subprocess.Popen[bytes]":
        """The living child, or a new one. No preexec_fn, which is unsafe beside threads."""
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._stop()
        self._child = subprocess.Popen(
            [sys.executable, "-m", "classifier.decode_child", *self.limits.arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # libraries quote tags there, and tags are patient data
            bufsize=0,
            cwd=_ROOT,
            env=self._environment,
            start_new_session=True,
        )
        return self._child

    def _stop(self, grace: float = 0) -> int:
        """Ends and reaps the child; its exit status, after ``grace`` seconds to die by itself."""
        child, self._child = self._child, None
        if child is None:
            return 0
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(grace)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)  # the session is its own: nobody else is hit
        status = child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                stream.close()
        return status


def _cause_of_death(status: int) -> str:
    if status == -signal.SIGXCPU:
        return "sandbox_timeout"
    # Nobody but the kernel's out-of-memory killer sends this while we wait.
    return "sandbox_memory" if status == -signal.SIGKILL else "sandbox_crash"
