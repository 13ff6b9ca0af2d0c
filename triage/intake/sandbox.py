"""Decodes strangers' files in locked-in processes, so that a bad one costs its sender a sentence.

One decode parent (``classifier.decode_parent``) is kept warm for this process; it forks one child for each
file. Nothing is shared between two files. This side keeps a clock of its own, and believes no answer that it
hasn't checked: a file may have taken its child over. Nothing here imports an image library.
"""

import atexit
import io
import json
import logging
import math
import os
import secrets
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from django.conf import settings

from classifier.decode_message import Ended
from classifier.refused_file import RefusedFile
from triage.intake.answer import DecodedImage, WrongAnswerError, read_answer
from triage.intake.decoder import (
    Decoder,
    DecoderLostError,
    DecoderLostWithFileError,
    read_end,
)
from triage.intake.memory_files import OpenFile, memory_file, read_only
from triage.intake.sandbox_limits import SandboxLimits
from triage.intake.slots import NoSlotError, Slots, cores, machine_folder

logger = logging.getLogger(__name__)
__all__ = [
    "DecodedImage",
    "DecoderUnavailable",
    "RefusedFile",
    "Sandbox",
    "SandboxLimits",
    "shared_sandbox",
]
_TRIES = 2  # a parent that was killed is replaced once; what ends two in a row ends the third


class DecoderUnavailable(Exception):
    """Nothing is known of the file: no decoder is free or none starts. Try again later."""


class DecoderEnded(DecoderUnavailable):
    """Each decoder ended, or said nothing, while it had the file. The file may be the cause."""


class Sandbox:
    """``sandbox.decode(name, file)``. Safe to call from several threads; one a process is enough.

    The parent starts at the first file and is replaced when it dies. It ends with ``close``, and with this
    process.
    """

    def __init__(self, limits: SandboxLimits | None = None, slots: Slots | None = None) -> None:
        self.limits = limits or SandboxLimits.from_settings()
        self._slots = slots or machine_slots()
        self._decoder: Decoder | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def start(self) -> None:
        """Starts the parent if there is none, and doesn't wait until it is ready."""
        with self._lock:
            self._living()

    def close(self) -> None:
        with self._lock:
            decoder, self._decoder = self._decoder, None
        if decoder is not None:
            decoder.close()

    def abandon(self) -> None:
        """In a forked copy of this process: the parent stays that of the original."""
        self._lock = threading.Lock()  # another thread may have held it when this copy was made
        decoder, self._decoder = self._decoder, None
        if decoder is not None:
            decoder.abandon()

    def decode(
        self,
        name: str,
        file: OpenFile,
        *,
        key: bytes = b"",
        options: Mapping[str, Any] | None = None,
    ) -> DecodedImage:
        """One file as pictures.

        Args:
            file: open for reading. Its descriptor goes to the child, which can't write to it.
            key: at most 64 bytes. Digests (``DecodedImage.identity``) of two files can be compared if their
                keys are equal; without one they can't be compared with any.
            options: for ``classifier.decode_child.parts_of``, as JSON.

        Raises:
            RefusedFile: ``sandbox_…`` codes say how the child ended.
            DecoderUnavailable: the file was not looked at.
            DecoderEnded: it was, and nothing came of it.
        """
        job = {
            "name": name,
            "max_bytes": self.limits.max_bytes,
            "max_pixels": self.limits.max_pixels,
            "key": (key or secrets.token_bytes(32)).hex(),
            "options": dict(options or {}),
        }
        with read_only(file) as content:
            self.limits.of_a_file.check_bytes(name, os.fstat(content).st_size)
            with self._place(), memory_file(json.dumps(job).encode()) as given:
                return self._decoded(name, content, given)

    def decode_bytes(self, name: str, data: bytes, **options: Any) -> DecodedImage:
        """``decode`` of a file that is in memory already."""
        return self.decode(name, io.BytesIO(data), **options)

    @contextmanager
    def _place(self) -> Iterator[None]:
        try:
            with self._slots.taken(self.limits.wait_seconds):
                yield
        except NoSlotError:
            raise DecoderUnavailable("All of the machine's decoders were busy.") from None

    def _decoded(self, name: str, content: int, job: int) -> DecodedImage:
        had_it = 0
        for _ in range(_TRIES):
            # Each try has a new one: a parent that ended may leave half an answer.
            with memory_file() as answer:
                try:
                    ended = self._run(content, job, answer)
                except DecoderLostError as lost:
                    logger.error("%s", lost)
                    had_it += isinstance(lost, DecoderLostWithFileError)
                    continue
                return self._answered(name, ended, answer)
        if had_it == _TRIES:
            raise DecoderEnded("Each decoder ended that was given the file. See the log.")
        raise DecoderUnavailable("No decoder starts, or none stays alive. See the log.")

    def _run(self, *descriptors: int) -> Ended:
        """Has a child decode, and waits for its end. Raises DecoderLostError when it has ended the parent."""
        request = self.limits.request
        report, end = os.pipe()
        decoder = None
        try:
            try:
                with self._lock:
                    decoder = self._living()
                    decoder.await_ready()
                    decoder.send(request, [*descriptors, end])
            finally:
                os.close(end)
            return read_end(report, request)
        except DecoderLostError:
            self._drop(decoder)
            raise
        finally:
            os.close(report)

    def _living(self) -> Decoder:
        """Call it under the lock."""
        if self._decoder is not None and not self._decoder.lives:
            self._decoder.close()
            self._decoder = None
        if self._decoder is None:
            self._decoder = Decoder.started()
        return self._decoder

    def _drop(self, lost: Decoder | None) -> None:
        """Ends a parent, unless another thread has replaced it already."""
        with self._lock:
            if lost is None or self._decoder is not lost:
                return
            self._decoder = None
        lost.close()

    def _answered(self, name: str, ended: Ended, answer: int) -> DecodedImage:
        if ended.is_late or ended.status == -signal.SIGXCPU:
            seconds = self.limits.seconds if ended.is_late else self.limits.cpu_seconds
            raise RefusedFile("sandbox_timeout", name, seconds=math.ceil(seconds))
        if ended.is_large or ended.status == -signal.SIGKILL:
            # Nobody but our parent and the kernel's out-of-memory killer sends it.
            raise RefusedFile("sandbox_memory", name)
        if ended.status:
            raise RefusedFile("sandbox_crash", name)
        try:
            return read_answer(answer, name, self.limits.max_pixels)
        except WrongAnswerError as wrong:
            raise RefusedFile("sandbox_crash", name) from wrong


def machine_slots() -> Slots:
    """Those that all processes of this user on this machine share."""
    folder = getattr(settings, "CALLUS_INTAKE", {}).get("slots_folder")
    return Slots(Path(folder) if folder else machine_folder(), cores())


_shared: Sandbox | None = None
_shared_lock = threading.Lock()


def shared_sandbox() -> Sandbox:
    """The one of this process."""
    global _shared
    with _shared_lock:
        if _shared is None:
            _shared = Sandbox()
            atexit.register(_shared.close)  # it would end anyway, a moment later
        return _shared


def _forget() -> None:
    """After a fork: two processes that shared a parent would share its end and its socket."""
    global _shared, _shared_lock
    _shared_lock = threading.Lock()
    if _shared is not None:
        _shared.abandon()
        _shared = None


os.register_at_fork(after_in_child=_forget)
