"""What the site's processes used: processor time and memory by their role."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import psutil

# The first that a command line holds. Its children have the same role, unless they have one of their own.
ROLES = {
    "gunicorn": "web",
    "-Q intake": "intake",
    "-Q inference": "inference",
    "-Q default": "default",
    "celery beat": "beat",
    " beat ": "beat",
    "decode_parent": "decoder",
    "decode_child": "decoder",
    "redis-server": "redis",
    "postgres": "postgres",
}


def cpu_seconds(root: int, folder: Path) -> dict[str, float]:
    """Processor seconds by role, of all that ``root`` started and of servers whose data lie in ``folder``.

    Children that have ended and were waited for are included.
    """
    used: dict[str, float] = defaultdict(float)
    for role, process in _with_roles(root, folder):
        try:
            used[role] += sum(process.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return dict(used)


def memory_mb(root: int, folder: Path, role: str) -> list[float]:
    """Resident megabytes of each process of ``role``, ascending."""
    found = []
    for own, process in _with_roles(root, folder):
        try:
            if own == role:
                found.append(process.memory_info().rss / 1e6)
        except psutil.NoSuchProcess:
            continue
    return sorted(found)


def _with_roles(root: int, folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """PostgreSQL may have detached itself: it is found by its folder."""
    lines, parents, processes = {}, {}, {}
    for process in psutil.process_iter():
        try:
            lines[process.pid] = " ".join(process.cmdline())
            parents[process.pid], processes[process.pid] = process.ppid(), process
        except psutil.Error:
            continue
    ours = {pid for pid, line in lines.items() if pid == root or str(folder) in line}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    for pid in ours:
        yield _role(pid, parents, lines), processes[pid]


def _role(pid: int, parents: dict[int, int], lines: dict[int, str]) -> str:
    while pid in lines:
        for sign, role in ROLES.items():
            if sign in lines[pid]:
                return role
        pid = parents[pid]
    return "other"
