"""Defers signals while a native library is imported."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def undisturbed() -> Iterator[None]:
    """Defers the handlers of signals that arrive inside the block until the block ends.

    A handler that raises (a worker is stopped, a time limit ends) interrupts an import. A native library then
    stays half imported until the process ends; a second import doesn't help. The library may also hide the
    exception: pybind11 turns SystemExit into an ImportError, so a process that should stop continues, and
    fails at every picture.

    The handlers are replaced; blocking the signals would not be enough: the libraries' own threads would
    still receive them, and Python then runs the handler in its main thread. In other threads this does
    nothing, because no handler runs there.
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
