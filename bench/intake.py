"""How fast pictures come in: ``python -m bench.intake``. The last line is JSON.

It starts a site as ``make run`` does and sends drawn films to it over REST. Every figure stands beside a
peer or a limit in the same run: the durable accept beside Orthanc's STOW-RS with the same objects, times
beside a fixed calculation. ``--tree`` measures another checkout, such as an older commit.

The processor time of a picture is that of all of the site's processes but PostgreSQL and Redis, less what
they use while nothing happens, less the forward pass, which the same engine runs alone.
"""

import argparse
import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from bench.films import Film, films
from bench.forward import forward_seconds
from bench.orthanc import StowClient, is_installed, orthanc
from bench.site import Client, Site, site

REPOSITORY = Path(__file__).resolve().parents[1]
SENDERS = (1, 4, 16)
OBJECTS = 48  # of each number of senders
SINGLE = 30  # uploads of each kind, one after the other on an idle site
TOGETHER = 24  # pictures of each kind whose processor time is measured
UPLOADS = 100  # before the web processes' memory is read
IDLE = 10.0  # seconds in which the processor time of an idle site is measured
KINDS = ("dicom", "jpeg", "small")


def main() -> None:
    options = _options()
    pictures = films()
    found: dict[str, Any] = {"tree": options.tree.name, "calibration_ms": round(calibration(), 1)}
    with site(options.tree) as running:
        client = Client(running.port)
        _warm_up(client, pictures)
        steps: dict[str, Callable[[], Any]] = {
            "memory_before_mb": lambda: _rounded(running.memory("web")),
            "latency_ms": lambda: {kind: latency(client, pictures[kind]) for kind in KINDS},
            "cpu_ms": lambda: cpu(running, client, pictures),
            "bytes_beside": lambda: bytes_beside(running, client, pictures["dicom"]),
            "accept": lambda: accept(running, client, pictures["dicom"]),
            "memory_after_mb": lambda: memory_after(running, client, pictures["dicom"]),
        }
        for name, measure in steps.items():
            found[name] = measure()
            print(f"{name}: {json.dumps(found[name])}", flush=True)
    found["calibration_after_ms"] = round(calibration(), 1)
    print(json.dumps(found))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure how fast pictures come in.")
    parser.add_argument("--tree", type=Path, default=REPOSITORY, help="another checkout of Callus")
    return parser.parse_args()


def calibration() -> float:
    """Milliseconds of a fixed calculation, the best of five: says how fast the machine is just now."""
    values = np.random.default_rng(0).integers(0, 4096, 4_000_000)
    best = float("inf")
    for _round in range(5):
        start = time.perf_counter()
        np.sort(values)
        best = min(best, time.perf_counter() - start)
    return best * 1000


_numbers = iter(range(1, 10**9))
_lock = threading.Lock()


def _next(film: Film) -> bytes:
    with _lock:
        return film.copy(next(_numbers))


def _warm_up(client: Client, pictures: dict[str, Film]) -> None:
    """Every process has loaded what it loads with its first picture."""
    for _round in range(4):
        cases = [client.send(film.name, _next(film))["id"] for film in pictures.values()]
        client.await_predictions(cases, 0.1)


def latency(client: Client, film: Film) -> dict[str, float]:
    """Milliseconds from the upload's first byte to the prediction, on an idle site."""
    times = []
    for _upload in range(SINGLE):
        data = _next(film)
        start = time.perf_counter()
        client.await_predictions([client.send(film.name, data)["id"]], 0.01)
        times.append((time.perf_counter() - start) * 1000)
        time.sleep(0.1)
    return {
        "p50": round(float(np.percentile(times, 50))),
        "p95": round(float(np.percentile(times, 95))),
    }


def cpu(running: Site, client: Client, pictures: dict[str, Film]) -> dict[str, dict[str, float]]:
    """Processor milliseconds a picture, by role and together without the forward pass."""
    before = running.cpu()
    time.sleep(IDLE)
    idle = {role: used / IDLE for role, used in _difference(running.cpu(), before).items()}
    forward = forward_seconds() * 1000
    result = {}
    for kind in KINDS:
        start, before = time.perf_counter(), running.cpu()
        cases = [
            client.send(pictures[kind].name, _next(pictures[kind]))["id"] for _ in range(TOGETHER)
        ]
        # The last one alone and seldom: what asking costs is no picture's.
        client.await_predictions(cases[-1:], 0.5)
        seconds = time.perf_counter() - start
        used = _difference(running.cpu(), before)
        client.await_predictions(cases, 0.2)
        roles = {
            role: round((value - idle.get(role, 0) * seconds) * 1000 / TOGETHER, 1)
            for role, value in used.items()
        }
        whole = sum(value for role, value in roles.items() if role not in ("postgres", "redis"))
        result[kind] = roles | {
            "forward": round(forward, 1),
            "without_forward": round(whole - forward, 1),
        }
    return result


def _difference(after: dict[str, float], before: dict[str, float]) -> dict[str, float]:
    return {role: used - before.get(role, 0) for role, used in after.items()}


def bytes_beside(running: Site, client: Client, film: Film) -> float:
    """Bytes stored beside the original, of its raw pixels."""
    before = running.stored_bytes()[1]
    client.await_predictions([client.send(film.name, _next(film))["id"]], 0.1)
    return round((running.stored_bytes()[1] - before) / film.raw_bytes, 3)


def accept(running: Site, client: Client, film: Film) -> dict[str, dict[str, float]]:
    """Objects a second that are durably stored, by number of senders; and Orthanc's.

    ``Prefer: wait=0``: the answer comes when the case is stored, and decoding goes on behind it.
    """
    result = {}
    for senders in SENDERS:
        sent: list[str] = []
        clients = [_Sender(running.port, client.token, film, sent) for _ in range(senders)]
        seconds = _together(clients)
        result[str(senders)] = {
            "callus_per_second": round(OBJECTS / seconds, 2),
            "told_to_come_again": sum(sender.busy for sender in clients),
        }
        client.await_predictions(sent, 0.2)
    return _beside_orthanc(result, film) if is_installed() else result


def _beside_orthanc(result: dict[str, dict[str, float]], film: Film) -> dict[str, dict[str, float]]:
    with orthanc() as port:
        for senders in SENDERS:
            seconds = _together([_Peer(port, film) for _ in range(senders)])
            own = result[str(senders)]
            own["orthanc_per_second"] = round(OBJECTS / seconds, 2)
            own["ratio"] = round(own["callus_per_second"] / own["orthanc_per_second"], 3)
    return result


class _Sender:
    """Sends the film as a case, and notes the case's id in ``sent``."""

    def __init__(self, port: int, token: str, film: Film, sent: list[str]) -> None:
        self._client, self._film, self._sent = Client(port, token), film, sent

    @property
    def busy(self) -> int:
        return self._client.busy

    def __call__(self) -> None:
        case = self._client.send(self._film.name, _next(self._film), Prefer="wait=0")
        self._sent.append(case["id"])


class _Peer:
    """Stores the film in Orthanc."""

    def __init__(self, port: int, film: Film) -> None:
        self._client, self._film = StowClient(port), film

    def __call__(self) -> None:
        self._client.send(_next(self._film))


def _together(senders: Sequence[Callable[[], None]]) -> float:
    """Seconds until the senders, all at once, have sent ``OBJECTS``."""
    share = OBJECTS // len(senders)
    with ThreadPoolExecutor(len(senders)) as pool:
        start = time.perf_counter()
        done = [pool.submit(lambda send=send: [send() for _ in range(share)]) for send in senders]
        for future in done:
            future.result()
        return time.perf_counter() - start


def memory_after(running: Site, client: Client, film: Film) -> list[float]:
    """Megabytes of each web process after ``UPLOADS`` uploads by 16 senders."""
    sent: list[str] = []
    senders = [_Sender(running.port, client.token, film, sent) for _ in range(16)]
    while len(sent) < UPLOADS:
        _together(senders)
    client.await_predictions(sent, 0.2)
    return _rounded(running.memory("web"))


def _rounded(values: list[float]) -> list[float]:
    return [round(value) for value in values]


if __name__ == "__main__":
    main()
