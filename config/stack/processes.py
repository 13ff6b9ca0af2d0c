"""The processes of the Procfile: their start, their logs and their common end."""

import os
import re
import signal
import sys
from pathlib import Path

from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Message, Printer

from config.stack.interruption import Interrupted
from config.stack.leftovers import end_leftovers, mark
from config.stack.problem import Problem

REPOSITORY = Path(__file__).resolve().parents[2]
_LOUD = (" ERROR ", " CRITICAL ", "[ERROR]", "[CRITICAL]")
_STOPPED = re.compile(r"(\S+) stopped \(rc=(-?\d+)\)")
_BY_SIGNAL = {128 + signal.SIGINT, 128 + signal.SIGTERM}


class LogFiles(Printer):
    """Each process's output goes to its own file; the terminal hears only of errors."""

    def __init__(self, folder: Path) -> None:
        super().__init__(sys.stdout)
        self.folder = folder
        self.first_stopped: tuple[str, int] | None = None  # name and exit status
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.log"):  # two runs are kept: this one and the one before
            old.replace(old.with_suffix(".log.old"))

    def write(self, message: Message) -> None:
        text = message.data
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        if stopped := _STOPPED.match(text):
            self.first_stopped = self.first_stopped or (stopped[1], int(stopped[2]))
        with self.path(message.name).open("a", encoding="utf-8") as log:
            log.write(text if text.endswith("\n") else f"{text}\n")
        if any(word in text for word in _LOUD):
            super().write(message)

    def path(self, name: str | None) -> Path:
        return self.folder / f"{name or 'system'}.log"


class Processes(Manager):
    """honcho's manager, which can be stopped while it starts, too."""

    def terminate(self) -> None:
        try:
            super().terminate()
        except KeyError:  # one has no pid yet; whoever has is ended by the mark
            raise Interrupted(signal.SIGINT) from None


def run_processes(var_dir: Path, environment: dict[str, str]) -> int:
    """Runs the Procfile until a signal comes, and returns what a shell reports then.

    Raises Problem, with the end of its log, where a process ends by itself; the others are ended too.
    """
    logs = LogFiles(var_dir / "logs")
    manager = Processes(logs)
    application = _application({**os.environ, **environment, **mark(var_dir)})
    (var_dir / "beat").mkdir(exist_ok=True)
    procfile = parse_procfile((REPOSITORY / "Procfile").read_text())
    for name, command in procfile.processes.items():
        manager.add_process(name, f"exec {command}", env=application, cwd=str(REPOSITORY))
    try:
        manager.loop()
    finally:
        end_leftovers(var_dir)
    if manager.returncode not in _BY_SIGNAL and logs.first_stopped:
        name, status = logs.first_stopped
        end = "\n".join(logs.path(name).read_text().splitlines()[-12:])
        raise Problem(f"{name} ended with status {status}, so all did. Its last lines:\n{end}")
    return int(manager.returncode or 0)


def _application(environment: dict[str, str]) -> dict[str, str]:
    """The running site never has the owner's rights; its programs are those beside this Python."""
    environment.pop("DATABASE_OWNER_URL", None)
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    return environment
