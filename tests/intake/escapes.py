"""The program of a decode parent whose children try to get out. Each try is written to the answer.

Arguments: the socket, whether the box is shut, and what to try to reach, as JSON.
"""

import ctypes
import json
import mmap
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from classifier import box, decode_child, decode_parent

libc = ctypes.CDLL(None, use_errno=True)
# Numbers of x86-64; the test that uses them says so.
CALLS = {
    "io_uring_setup": (425, 1, 0),
    "pidfd_open": (434, os.getppid(), 0),
    "userfaultfd": (323, 0),
    "unshare a user namespace": (272, 0x10000000),
    "shmget": (29, 0, 4096, 0o1600),
    "memfd_create": (319, b"x", 0),
    "prctl PR_SET_DUMPABLE": (157, 4, 1),
    "prctl PR_CAPBSET_READ": (157, 23, 0),
    "inotify_init": (253,),
    "epoll_create1": (291, 0),
    "dup": (32, 0),
    "getppid": (110,),
    "setpriority": (141, 0, 0, 19),
    "sched_setaffinity": (203, 0, 0, 0),
    "personality": (135, 0xFFFFFFFF),
    "kcmp": (312, os.getpid(), os.getpid(), 0, 0, 0),
    "uname": (63, ctypes.create_string_buffer(400)),
}


def called(number: int, *values: Any) -> None:
    if libc.syscall(number, *values) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def traced(pid: int) -> None:
    seize = 0x4206  # doesn't stop it, as attaching would; it ends with this process
    if libc.ptrace(seize, pid, None, None) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def vm_read(pid: int) -> None:
    class Span(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    room = ctypes.create_string_buffer(8)
    here = Span(ctypes.cast(room, ctypes.c_void_p), 8)
    # A fork of it: the same thing lies at the same address.
    if libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(here), 1, 0) < 0:
        raise OSError(ctypes.get_errno(), "process_vm_readv")


def forked() -> None:
    if not (pid := os.fork()):
        os._exit(0)
    os.waitpid(pid, 0)


def connected(family: int, address: Any) -> None:
    with socket.socket(family) as made:
        made.connect(address)


def executed() -> None:
    """Ends the child where it is possible: its exit status says so then."""
    os.execv("/bin/true", ["true"])


def code_mapped() -> None:
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC).close()


def tries(reach: dict[str, Any], parent: int) -> dict[str, Callable[[], object]]:
    found: dict[str, Callable[[], object]] = {
        "read a secret file": lambda: Path(reach["secret"]).read_text(),
        "write a file": lambda: Path(reach["folder"], "new").write_text("x"),
        "list a folder": lambda: list(Path(reach["folder"]).iterdir()),
        "remove a file": lambda: Path(reach["victim"]).unlink(),
        "look at a file": lambda: Path(reach["secret"]).stat(),
        "own environment": lambda: Path("/proc/self/environ").read_bytes(),
        "open an internet socket": lambda: socket.socket().close(),
        "open a datagram socket": lambda: socket.socket(type=socket.SOCK_DGRAM).close(),
        "open a Unix socket": lambda: socket.socket(socket.AF_UNIX).close(),
        "make a pair of sockets": lambda: [end.close() for end in socket.socketpair()],
        "make a pipe": os.pipe,
        "fork": forked,
        "map code": code_mapped,
        "write to its own original": lambda: os.pwrite(3, b"x", 0),
    }
    for name, pid in (("the owner", reach["owner"]), ("the parent", parent)):
        folder = Path("/proc", str(pid))
        found[f"environment of {name}"] = (folder / "environ").read_bytes
        found[f"memory of {name}"] = lambda folder=folder: (folder / "mem").open("rb").close()
        found[f"descriptors of {name}"] = lambda folder=folder: list((folder / "fd").iterdir())
        found[f"signal {name}"] = lambda pid=pid: os.kill(pid, 0)
        found[f"trace {name}"] = lambda pid=pid: traced(pid)
        found[f"read from {name}"] = lambda pid=pid: vm_read(pid)
    for name, host, port in reach["servers"]:
        family = socket.AF_UNIX if host.startswith("/") else socket.AF_INET
        address = f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)
        found[f"connect to {name}"] = lambda f=family, a=address: connected(f, a)
    for name, call in CALLS.items():
        found[name] = lambda call=call: called(*call)
    return found


def main() -> None:
    is_shut, reach = json.loads(sys.argv[2]), json.loads(sys.argv[3])
    parent = os.getpid()

    def attempt(_file: int, _job: int, answer: int) -> None:
        if reach.get("executes"):
            executed()
        said = {}
        for name, act in tries(reach, parent).items():
            try:
                act()
                said[name] = "done"
            except OSError as error:
                said[name] = type(error).__name__
        os.write(answer, json.dumps(said).encode())

    decode_child.decode = attempt
    if not is_shut:
        box.Box.shut = lambda *_: None  # type: ignore[method-assign]
    decode_parent.main()


if __name__ == "__main__":
    main()
