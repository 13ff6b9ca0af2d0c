"""Which process holds a lease, and whether it is gone.

A holder reads ``inference@host 1f0c2a9b 4711 90210``: the worker's node name, the machine's boot, the process
id, and when the process started in clock ticks since that boot. Process ids are used again, in containers at
once; together with the start they name one process.
"""

import os
import socket
from pathlib import Path

from celery import current_task

# Linux alone has it. Elsewhere nobody is known to be gone, and leases run out.
_PROC = Path("/proc")
_GONE = ("Z", "X")  # killed, but not yet collected by its parent
_worker = ""


def this_holder() -> str:
    """The calling process."""
    return f"{this_node()}{os.getpid()} {_started_at(os.getpid())}"


def this_node() -> str:
    """What the holders of all processes of this worker begin with, on this boot of this machine.

    Node names have to be unique, as Celery demands too. The boot is part of it, since a process of a worker
    of the same name on another machine can't be looked for here.
    """
    name = _worker or (current_task.request.hostname if current_task else "")
    return f"{name or socket.gethostname()} {_boot()} "


def belong_to(worker: str) -> None:
    """Says of which Celery worker (its node name) this process is one: also outside of its tasks."""
    global _worker
    _worker = worker


def is_gone(holder: str) -> bool:
    """Whether the process is known to be dead. Only for holders that begin with ``this_node()``."""
    _node, _boot_of_it, process_id, started_at = holder.rsplit(" ", 3)
    return bool(_started_at(os.getpid())) and _started_at(int(process_id)) != started_at


def _boot() -> str:
    try:
        return (_PROC / "sys/kernel/random/boot_id").read_text()[:8]
    except OSError:
        return "-"


def _started_at(process_id: int) -> str:
    """Clock ticks after the boot; "" where there is no such process."""
    try:
        stat = (_PROC / str(process_id) / "stat").read_text()
    except OSError:
        return ""
    # The second field is the program's name, in brackets, and may hold anything. proc_pid_stat(5): the fields
    # behind it are the state (3) and, as the twentieth of them, the start (22).
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in _GONE else fields[19]
