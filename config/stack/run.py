"""The whole site on one machine: services, preparation, then every process of the Procfile."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Message, Printer

from config.stack.services import services
from config.stack.terminal import box

REPOSITORY = Path(__file__).resolve().parents[2]


class CanNotRun(Exception):
    """The stack can't start; the message says why and what to do."""


class LogFiles(Printer):
    """Each process's output goes to its own file; the terminal hears only of errors."""

    def __init__(self, folder: Path) -> None:
        super().__init__(sys.stdout)
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def write(self, message: Message) -> None:
        name = message.name or "system"
        text = message.data
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        with (self._folder / f"{name}.log").open("a", encoding="utf-8") as log:
            log.write(text if text.endswith("\n") else f"{text}\n")
        if " ERROR " in text or " CRITICAL " in text:
            super().write(message)


def run(var_dir: Path, port: int, *, demo_cases: bool = True) -> int:
    """Runs everything until Ctrl-C or SIGTERM, then stops what it started, in reverse order."""
    signal.signal(signal.SIGTERM, lambda *_: _interrupt())
    var_dir.mkdir(parents=True, exist_ok=True)
    try:
        with _only_one(var_dir, port), services(var_dir) as environment:
            _check_port(port)
            environment |= {"PORT": str(port)}
            _prepare({**os.environ, **environment}, demo_cases)
            return _processes(var_dir, port, environment)
    except KeyboardInterrupt:
        print("\nStopped.", flush=True)
        return 130


def _interrupt() -> None:
    raise KeyboardInterrupt


@contextmanager
def _only_one(var_dir: Path, port: int) -> Iterator[None]:
    """Raises CanNotRun where another Callus runs on the same data."""
    path = var_dir / "run.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise CanNotRun(
                f"Callus runs on {var_dir} already, at {lock.read().strip() or 'another port'}. "
                "Stop it, or give this one other data and another port: "
                "make run VAR_DIR=… PORT=…"
            ) from None
        lock.truncate(0)
        lock.write(f"http://127.0.0.1:{port}/\n")
        lock.flush()
        yield


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise CanNotRun(
                f"Port {port} is taken by another program. Choose one: make run PORT={port + 1}"
            ) from None


def _prepare(environment: dict[str, str], demo_cases: bool) -> None:
    arguments = [sys.executable, "-m", "config.stack.prepare"]
    if not demo_cases:
        arguments.append("--no-demo")
    # A group of its own, so that Ctrl-C stops us first and we stop it.
    process = subprocess.Popen(arguments, cwd=REPOSITORY, env=environment, start_new_session=True)
    try:
        status = process.wait()
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        raise
    if status:
        raise CanNotRun("The preparation failed; the lines above say why.")


def _processes(var_dir: Path, port: int, environment: dict[str, str]) -> int:
    """Starts the Procfile's processes; when one ends, all do."""
    application = {**os.environ, **environment}
    application.pop("DATABASE_OWNER_URL", None)  # the running site never has the owner's rights
    application["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{application['PATH']}"
    (var_dir / "beat").mkdir(exist_ok=True)
    manager = Manager(LogFiles(var_dir / "logs"))
    procfile = parse_procfile((REPOSITORY / "Procfile").read_text())
    for name, command in procfile.processes.items():
        manager.add_process(name, command, env=application, cwd=str(REPOSITORY))
    threading.Thread(target=_announce, args=(port, var_dir), daemon=True).start()
    manager.loop()
    return int(manager.returncode or 0)


def _announce(port: int, var_dir: Path) -> None:
    """Says where the site is, as soon as it answers."""
    url = f"http://127.0.0.1:{port}/"
    started = time.monotonic()
    while not answers(f"{url}healthz/ready"):
        if time.monotonic() - started > 60:
            print(f"The site doesn't answer yet; look into {var_dir / 'logs'}.", flush=True)
            return
        time.sleep(0.2)
    from triage.demo_logins import LOGINS, PASSWORD

    people = [f"  {role:<11} {email}" for email, role in LOGINS]
    lines = [
        f"Callus is at  {url}",
        "",
        f"Sign in with the password  {PASSWORD}  as",
        *people,
        "",
        f"Logs: {var_dir / 'logs'}    Stop: Ctrl-C",
        "Not a medical device: for evaluation and research.",
    ]
    print(box(lines), flush=True)


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False
