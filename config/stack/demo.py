"""A whole throwaway site for the length of one command: for smoke tests, screenshots and benchmarks."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.stack.redis import free_port
from config.stack.run import REPOSITORY, CanNotRun, answers


@contextmanager
def throwaway_site(*, demo_cases: bool) -> Iterator[str]:
    """Runs ``make run`` itself on a free port with data that is deleted afterwards; yields the URL."""
    with tempfile.TemporaryDirectory(prefix="callus-") as folder:
        url = f"http://127.0.0.1:{(port := free_port())}"
        arguments = [sys.executable, "-m", "config.stack", "run", "--port", str(port)]
        if not demo_cases:
            arguments.append("--no-demo-cases")
        hidden = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
        environment = {key: value for key, value in os.environ.items() if key not in hidden}
        process = subprocess.Popen(
            arguments,
            cwd=REPOSITORY,
            env={**environment, "VAR_DIR": folder},
            stdout=sys.stderr,
            start_new_session=True,
        )
        try:
            _wait_until_it_works(url, process, Path(folder))
            yield url
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _wait_until_it_works(url: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Ready, and a heartbeat has travelled through the queue."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CanNotRun("The throwaway site stopped; the lines above say why.")
        if answers(f"{url}/healthz/ready") and answers(f"{url}/healthz/worker"):
            return
        time.sleep(0.2)
    for log in sorted((folder / "logs").glob("*.log")):
        print(f"== {log.name}\n{log.read_text()[-3000:]}", file=sys.stderr)
    raise CanNotRun("The throwaway site didn't become healthy within 180 s; its logs are above.")
