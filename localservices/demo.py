"""A temporary site for one command: for smoke tests, screenshots and benchmarks."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from localservices.interruption import undisturbed
from localservices.leftovers import end_leftovers
from localservices.problem import Problem
from localservices.processes import REPOSITORY
from localservices.redis import free_port
from localservices.run import answers
from localservices.services import throwaway_folder

_SECONDS = 300  # until healthy, on a slow machine


@contextmanager
def throwaway_site(*, demo_cases: bool) -> Iterator[str]:
    """Runs ``make run`` itself on a free port with data that is deleted afterwards; yields the URL.

    Raises Problem if it doesn't become healthy.
    """
    with throwaway_folder() as folder:
        port = free_port()
        arguments = [sys.executable, "-m", "localservices", "run", "--port", str(port)]
        if not demo_cases:
            arguments.append("--no-demo-cases")
        hidden = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
        environment = {key: value for key, value in os.environ.items() if key not in hidden}
        with ExitStack() as stack:
            with undisturbed():
                process = subprocess.Popen(
                    arguments,
                    cwd=REPOSITORY,
                    env={**environment, "VAR_DIR": str(folder)},
                    stdout=sys.stderr,
                    start_new_session=True,
                )
                stack.callback(_stop, process, folder)
            url = f"http://127.0.0.1:{port}"
            _wait_until_it_works(url, process, folder)
            yield url


def _wait_until_it_works(url: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Until the site is ready, and a heartbeat came through each queue that has one."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Problem("The throwaway site stopped; the lines above say why.")
        if all(answers(f"{url}/healthz/{part}") for part in ("ready", "intake", "worker")):
            return
        time.sleep(0.2)
    for log in sorted((folder / "logs").glob("*.log")):
        print(f"== {log.name}\n{log.read_text()[-3000:]}", file=sys.stderr)
    raise Problem(
        f"The throwaway site didn't become healthy within {_SECONDS} s; its logs are above."
    )


def _stop(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Stops the site, which stops its processes. If it hangs, all of them are killed."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        end_leftovers(folder)
