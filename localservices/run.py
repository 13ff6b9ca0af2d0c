"""The whole site on one machine: services, preparation, then every process of the Procfile."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from localservices.interruption import undisturbed
from localservices.leftovers import end_leftovers, mark
from localservices.lock import only_one
from localservices.manage import announced_addresses
from localservices.problem import Problem
from localservices.processes import REPOSITORY, run_processes
from localservices.services import servers
from localservices.terminal import Step, box


def run(var_dir: Path, port: int, *, demo_cases: bool = True) -> None:
    """Runs everything until Interrupted comes through, and stops what it started, in reverse order.

    What ends by itself is started again. Raises Problem: the port is taken, another Callus runs on
    ``var_dir``, a server or a process doesn't start or keeps ending.
    """
    with only_one(var_dir, f"Callus at http://127.0.0.1:{port}/"):
        if end_leftovers(var_dir):
            print("Ended the processes of a run that was killed.", flush=True)
        _check_port(port)
        with ExitStack() as stack:
            with Step("Starting PostgreSQL and Redis"):
                running = stack.enter_context(servers(var_dir))
            environment = running.environment
            stack.enter_context(announced_addresses(var_dir, environment))
            environment |= {
                "PORT": str(port),
                "BIND": "127.0.0.1",
                "PUBLIC_URL": os.environ.get("PUBLIC_URL") or f"http://127.0.0.1:{port}",
                "DJANGO_SETTINGS_MODULE": "config.settings.local",
            }
            _prepare({**os.environ, **environment, **mark(var_dir)}, demo_cases)
            threading.Thread(target=_announce, args=(port, var_dir), daemon=True).start()
            run_processes(var_dir, environment, running.started)


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            other = port + 1 if port < 65535 else 8000
            raise Problem(
                f"Port {port} can't be used: {error.strerror}. "
                f"Choose another one: make run PORT={other}"
            ) from None


def _prepare(environment: dict[str, str], demo_cases: bool) -> None:
    arguments = [sys.executable, "-m", "localservices.prepare"]
    if not demo_cases:
        arguments.append("--no-demo")
    with ExitStack() as stack:
        with undisturbed():
            # A group of its own, so that Ctrl-C stops us first and we stop it.
            process = subprocess.Popen(
                arguments, cwd=REPOSITORY, env=environment, start_new_session=True
            )
            stack.callback(_end_group, process)
        status = process.wait()
    if status:
        raise Problem("The preparation failed; the lines above say why.")


def _end_group(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def _announce(port: int, var_dir: Path) -> None:
    """Says where the site is, as soon as it answers."""
    url = f"http://127.0.0.1:{port}/"
    started = time.monotonic()
    while not answers(f"{url}healthz/ready"):
        if time.monotonic() - started > 60:
            print(f"The site doesn't answer yet; look into {var_dir / 'logs'}.", flush=True)
            return
        time.sleep(0.2)
    from demo.logins import LOGINS, PASSWORD

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
    """Whether ``url`` answers within two seconds, with success."""
    try:
        with urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False
