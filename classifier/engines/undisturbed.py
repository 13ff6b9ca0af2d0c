"""Holds signals back while a native library is imported."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def undisturbed() -> Iterator[None]:
    """Runs the handlers of the signals that arrive inside the block when the block ends, not before.

    A handler that raises (a worker that is told to stop, a time limit) breaks off an import. A native library
    then stays half imported for as long as the process lives, and no second import mends it. It may also
    hide the exception: pybind11 makes an ImportError of SystemExit, so that a process that was told to stop
    goes on, and fails at every picture.

    Handlers are exchanged and signals not blocked: the libraries' own threads would still receive them, and
    Python runs the handler in its main thread whichever thread that was. Elsewhere no handler runs.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        arrived.append(number)

    handlers = {
        number: handler
        for number in signal.valid_signals()
        if callable(handler := signal.getsignal(number))
    }
    for number in handlers:
        signal.signal(number, note)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for late in arrived:
            signal.raise_signal(late)
