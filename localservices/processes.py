"""The processes of the Procfile: their start, their logs and their end.

honcho reads the file and prints the lines. Its manager isn't used: it puts a forked copy of us before each
process, and a signal that comes while it starts them breaks it.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path

from honcho.colour import get_colours
from honcho.environ import parse_procfile
from honcho.printer import Message, Printer

from localservices.interruption import undisturbed
from localservices.leftovers import end_leftovers, mark
from localservices.problem import Problem

REPOSITORY = Path(__file__).resolve().parents[1]
_LOUD = (b" ERROR ", b" CRITICAL ", b"[ERROR]", b"[CRITICAL]")
_PATIENCE = 20  # seconds for a request or a batch under way


class Process:
    """A command in its own process group. Its output goes to its log; errors also go to the terminal."""

    def __init__(self, name: str, command: str, environment: dict[str, str], log: Path) -> None:
        self.name, self.log = name, log
        if log.exists():  # two runs are kept: this one and the one before
            log.replace(log.with_suffix(".log.old"))
        self.popen = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],  # a Procfile's line is written for a shell
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def listen(self, printer: Printer, colour: str) -> None:
        """Copies the output until the process and its children have ended."""
        assert self.popen.stdout  # noqa: S101  it is a pipe
        with self.log.open("wb", buffering=0) as log:
            for line in self.popen.stdout:
                log.write(line)
                if any(word in line for word in _LOUD):
                    now = datetime.now().astimezone()
                    printer.write(Message("line", line, now, self.name, colour))

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


def run_processes(var_dir: Path, environment: dict[str, str]) -> None:
    """Runs the Procfile until Interrupted comes through, and then ends all, the last one first.

    Raises Problem, with the end of its log, where a process ends by itself; the others are ended too.
    """
    application = _application({**os.environ, **environment, **mark(var_dir)})
    for folder in ("logs", "beat"):
        (var_dir / folder).mkdir(exist_ok=True)
    commands = parse_procfile((REPOSITORY / "Procfile").read_text()).processes
    printer, colours = Printer(width=max(map(len, commands))), get_colours()
    with ExitStack() as stack:
        stack.callback(end_leftovers, var_dir)
        running: list[Process] = []
        stack.callback(_stop, running)
        for name, command in commands.items():
            with undisturbed():
                process = Process(name, command, application, var_dir / "logs" / f"{name}.log")
                running.append(process)
            listener = threading.Thread(target=process.listen, args=(printer, next(colours)))
            listener.daemon = True
            listener.start()
        _watch(running)


def _watch(running: list[Process]) -> None:
    while True:
        for process in running:
            if (status := process.popen.poll()) is not None:
                time.sleep(0.2)  # its last lines are on their way to the log
                end = process.log.read_text(errors="replace").splitlines()[-12:]
                said = f"{process.name} ended with status {status}, so all did. Its last lines:"
                raise Problem("\n".join([said, *end]))
        time.sleep(0.2)


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
