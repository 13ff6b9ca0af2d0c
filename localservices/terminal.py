"""Output of these commands: one line for each step, with its time, and a progress bar for long ones."""

import sys
import time
from types import TracebackType
from typing import Self


class Step:
    """``with Step("Doing it"):`` prints "Doing it …", then a tick and the seconds, or a cross."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.detail = ""

    def __enter__(self) -> Self:
        self._start = time.monotonic()
        self._show("…")
        return self

    def progress(self, number: int, total: int) -> None:
        """Draws a progress bar on a terminal; elsewhere prints only the end."""
        done = round(20 * number / total)
        self.detail = f"{number} of {total}"
        self._show(f"{'█' * done}{'░' * (20 - done)} {self.detail}")

    def _show(self, text: str) -> None:
        if sys.stdout.isatty():
            sys.stdout.write(f"\r\x1b[2K  {self.title} {text}")
            sys.stdout.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        seconds = time.monotonic() - self._start
        mark = "✗" if kind else "✓"
        start = "\r\x1b[2K" if sys.stdout.isatty() else ""
        detail = f" ({self.detail})" if self.detail else ""
        print(f"{start}{mark} {self.title}{detail} {seconds:.1f} s", flush=True)


def box(lines: list[str]) -> str:
    """``lines`` in a frame."""
    width = max(len(line) for line in lines)
    framed = [f"│ {line.ljust(width)} │" for line in lines]
    return "\n".join([f"┌{'─' * (width + 2)}┐", *framed, f"└{'─' * (width + 2)}┘"])
