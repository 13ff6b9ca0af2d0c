"""A throwaway site for a benchmark, of this checkout or of another one, and its REST client."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench.processes import cpu_seconds, memory_mb
from demo.logins import LOGINS, PASSWORD
from localservices.redis import free_port
from localservices.services import throwaway_folder

_PATIENCE = 240  # seconds until the site is ready, and for all answers of one measurement
_KEPT_OPEN = 3  # seconds: below the 5 s after which the server closes a silent connection
_ON_THE_WAY = ("arriving", "received")


@dataclass(frozen=True)
class Site:
    """A running site. ``root``: the process that started it; ``folder``: its data."""

    port: int
    root: int
    folder: Path

    def cpu(self) -> dict[str, float]:
        """Processor seconds by role since the start."""
        return cpu_seconds(self.root, self.folder)

    def memory(self, role: str) -> list[float]:
        """Megabytes of each process of ``role``."""
        return memory_mb(self.root, self.folder, role)

    def stored_bytes(self) -> tuple[int, int]:
        """Bytes of the originals, and of all that was made from them."""
        files = [path for path in (self.folder / "media").rglob("*") if path.is_file()]
        original = sum(path.stat().st_size for path in files if path.name == "original")
        return original, sum(path.stat().st_size for path in files) - original


@contextmanager
def site(tree: Path) -> Iterator[Site]:
    """``make run`` of ``tree`` without demo cases, until it works; ended afterwards."""
    with throwaway_folder() as folder:
        port = free_port()
        command = [sys.executable, "-m", "localservices", "run", "--no-demo-cases"]
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=tree,
            env={**os.environ, "VAR_DIR": str(folder)},
            stdout=sys.stderr,
            start_new_session=True,
        )
        try:
            _wait_until_it_works(port, process)
            yield Site(port, process.pid, folder)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(90)


def _wait_until_it_works(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError):
            if all(_status(port, f"/healthz/{part}") == 200 for part in ("ready", "worker")):
                return
        time.sleep(0.5)
    raise RuntimeError("the site didn't become ready")


def _status(port: int, path: str) -> int:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    line.request("GET", path)
    return line.getresponse().status


class Client:
    """One signed-in sender with a connection of its own."""

    def __init__(self, port: int, token: str = "") -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        self._used = time.monotonic()
        self.busy = 0  # answers that said to come again
        self.token = (
            token or self._post_json("auth/login", email=LOGINS[0][0], password=PASSWORD)["token"]
        )

    def send(self, name: str, data: bytes, **headers: str) -> dict[str, Any]:
        """Sends one file as a case. Returns the case. Raises RuntimeError if it isn't taken."""
        boundary = uuid4().hex
        parts = [("site", "demo"), ("body_part", "LEG")]
        body = b"".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in parts
        )
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="images"; filename="{name}"\r\n\r\n'
        body += head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self._ask("POST", "cases", body, kind | headers)

    def state(self, case: str) -> str:
        return str(self._ask("GET", f"cases/{case}")["state"])

    def await_predictions(self, cases: list[str], pause: float) -> None:
        """Asks every ``pause`` seconds until no case waits for decoding or a model."""
        deadline = time.monotonic() + _PATIENCE
        for case in cases:
            while (state := self.state(case)) in _ON_THE_WAY:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"case {case} is still {state}")
                time.sleep(pause)
            if state != "predicted":
                raise RuntimeError(f"case {case} became {state}")

    def _post_json(self, path: str, **values: str) -> dict[str, Any]:
        self.token = ""
        return self._ask(
            "POST", path, json.dumps(values).encode(), {"Content-Type": "application/json"}
        )

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Asks again where the site is busy, after as long as it says. ``busy`` counts how often."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                status, content, pause = self._once(method, path, body, headers or {})
            except (BrokenPipeError, ConnectionResetError):
                # Its answer came before all of the body was sent, and the line was closed behind it.
                self._line.close()
                status, content, pause = HTTPStatus.SERVICE_UNAVAILABLE, b"", 1
            if status != HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                break
            self.busy += 1
            time.sleep(pause)
        if status not in (200, 201, 202):
            raise RuntimeError(f"{method} {path}: {status} {content[:300]!r}")
        return dict(json.loads(content))

    def _once(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes, float]:
        """Status, content, and the seconds after which to ask again."""
        if time.monotonic() - self._used > _KEPT_OPEN:
            self._line.close()  # http.client opens another one
        own = {"Authorization": f"Token {self.token}"} if self.token else {}
        self._line.request(method, f"/api/v1/{path}", body, {**own, **headers})
        answer = self._line.getresponse()
        content = answer.read()
        self._used = time.monotonic()
        return answer.status, content, float(answer.getheader("Retry-After") or 1)
