"""Whether this container does its work: ``python docker/healthy.py web|intake|inference|default|beat``.

Exit status 0 or 1, and a sentence for ``docker inspect``. Only the workers' check loads Callus.
"""

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

# celery writes beat's schedule every three minutes; a beat that stopped counting doesn't.
BEAT_SECONDS = 10 * 60


def web() -> str:
    """The problem, or nothing. Asks under a name of ALLOWED_HOSTS: Django answers to no other."""
    name = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".*") or "localhost"
    url = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz/ready"
    try:
        with urlopen(Request(url, headers={"Host": name}), timeout=5):
            return ""
    except HTTPError as error:
        return f"{error.code} {error.read(500).decode(errors='replace')}"
    except (URLError, OSError) as error:
        return f"{url} doesn't answer: {error}"


def worker(queue: str) -> str:
    """The problem, or nothing. The worker of this container must answer through the broker."""
    name = f"{queue}@{os.uname().nodename}"
    command = ["celery", "-A", "config.celery", "inspect", "ping", "-d", name, "--timeout", "5"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=25)
    except subprocess.TimeoutExpired:
        return f"{name} doesn't answer within 25 s."
    return "" if asked.returncode == 0 else f"{name} doesn't answer: {asked.stderr[-300:]}"


def beat() -> str:
    """The problem, or nothing. The schedule was written lately."""
    written = [path.stat().st_mtime for path in Path(os.environ["VAR_DIR"], "beat").glob("sched*")]
    if not written:
        return "beat has written no schedule."
    age = time.time() - max(written)
    return "" if age < BEAT_SECONDS else f"beat wrote its schedule {age:.0f} s ago."


def main(role: str) -> int:
    problem = {"web": web, "beat": beat}.get(role, lambda: worker(role))()
    print(problem or "ok")
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
