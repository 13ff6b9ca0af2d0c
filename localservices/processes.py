"""The processes of the Procfile: their start, their logs and their end.

honcho reads the file and prints the lines. Its manager isn't used: it puts a forked copy of us before each
process, and a signal that comes while it starts them breaks it.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path

from honcho.colour import get_colours
from honcho.environ import parse_procfile
from honcho.printer import Message, Printer

from localservices.interruption import undisturbed
from localservices.leftovers import MARK, end, end_leftovers, mark, marked
from localservices.supervisor import Supervised, how_it_ended, supervise

REPOSITORY = Path(__file__).resolve().parents[1]
_LOUD = (b" ERROR ", b" CRITICAL ", b"[ERROR]", b"[CRITICAL]")
_PATIENCE = 20  # seconds for a request or a batch under way
_CHILDREN_PATIENCE = 3  # the same for children whose parent was killed; the site waits for them
Say = Callable[[str, bytes], None]  # the name of a process and a line of it


class Process:
    """A command in its own process group. Its output goes to its log; errors also go to the terminal."""

    def __init__(
        self, name: str, command: str, environment: dict[str, str], log: Path, say: Say
    ) -> None:
        self.name, self.log = name, log
        self._command, self._environment, self._say = command, environment, say
        if log.exists():  # two runs are kept: this one and the one before
            log.replace(log.with_suffix(".log.old"))
        self.start()

    def start(self) -> None:
        """Starts the command, also again, when the former one's children have ended."""
        with undisturbed():
            self.popen = subprocess.Popen(
                [
                    "/bin/sh",
                    "-c",
                    f"exec {self._command}",
                ],  # a Procfile's line is written for a shell
                cwd=REPOSITORY,
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        threading.Thread(target=self._listen, args=(self.popen,), daemon=True).start()

    def _listen(self, popen: subprocess.Popen[bytes]) -> None:
        """Copies the output until the process and its children have ended."""
        assert popen.stdout  # noqa: S101  it is a pipe
        with popen.stdout as output, self.log.open("ab", buffering=0) as log:
            for line in output:
                log.write(line)
                if any(word in line for word in _LOUD):
                    self._say(self.name, line)

    def ended(self) -> str:
        """How it ended; "" while it runs. Its children are ended then: gunicorn's would keep the port."""
        status = self.popen.poll()
        if status is None:
            return ""
        end(marked(self._environment[MARK], group=self.popen.pid), _CHILDREN_PATIENCE)
        return how_it_ended(status)

    def ask_to_end(self) -> None:
        with suppress(ProcessLookupError):
            self.popen.terminate()

    def await_end(self) -> None:
        """Waits for the process to end. After ``_PATIENCE`` seconds, kills it and its children."""
        try:
            self.popen.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self.popen.pid, signal.SIGKILL)
            self.popen.wait()


def run_processes(
    var_dir: Path, environment: dict[str, str], servers: Sequence[Supervised] = ()
) -> None:
    """Runs the Procfile until Interrupted comes through, and then ends all, the last one first.

    A process that ends by itself is started again, and so are ``servers``. Raises Problem where that
    doesn't help (``supervisor``); the others are ended too.
    """
    application = _application({**os.environ, **environment, **mark(var_dir)})
    for folder in ("logs", "beat"):
        (var_dir / folder).mkdir(exist_ok=True)
    commands = parse_procfile((REPOSITORY / "Procfile").read_text()).processes
    say = _printer(commands)
    with ExitStack() as stack:
        stack.callback(end_leftovers, var_dir)
        running: list[Process] = []
        stack.callback(_stop, running)
        for name, command in commands.items():
            with undisturbed():
                log = var_dir / "logs" / f"{name}.log"
                running.append(Process(name, command, application, log, say))
        supervise([*servers, *running])


def _printer(names: Collection[str]) -> Say:
    """Prints a line of a process's output behind the time and its name, each in a colour of its own."""
    printer = Printer(width=max(map(len, names)))
    colours = dict(zip(names, get_colours(), strict=False))

    def say(name: str, line: bytes) -> None:
        now = datetime.now().astimezone()
        printer.write(Message("line", line, now, name, colours[name]))

    return say


def _stop(running: list[Process]) -> None:
    for process in reversed(running):
        process.ask_to_end()
    for process in reversed(running):
        process.await_end()


def _application(environment: dict[str, str]) -> dict[str, str]:
    """The environment of the site: without the owner's rights, with the programs of this Python first."""
    environment.pop("DATABASE_OWNER_URL", None)
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    return environment
