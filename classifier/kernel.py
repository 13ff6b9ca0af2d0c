"""What Linux offers to lock a process in, called by number: Python has no functions for it.

Every function says by its result, or with an OSError, where a kernel or another system lacks it.
"""

import ctypes
import errno
import os
import resource
import signal
import sys
from pathlib import Path

_SET_PDEATHSIG, _SET_DUMPABLE, _SET_SECCOMP, _SET_NO_NEW_PRIVS = 1, 4, 22, 38  # linux/prctl.h
_SECCOMP_MODE_FILTER = 2
# The same numbers on every architecture, as for all system calls since Linux 5.1.
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446
_LANDLOCK_VERSION = 1
# Rights by the ABI that brought them (linux/landlock.h): each that exists is handled, and none is granted.
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
_NETWORK_RIGHTS = {4: 0b11}  # bind and connect TCP
_SCOPES = {6: 0b11}  # abstract Unix sockets, signals

_libc = ctypes.CDLL(None, use_errno=True)


class _Ruleset(ctypes.Structure):
    _fields_ = [
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scope", ctypes.c_uint64),
    ]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def is_linux() -> bool:
    return sys.platform == "linux"


def hide_memory() -> None:
    """Lets no other process of the same user read this one's memory, environment or descriptors.

    It writes no core dump then, and a debugger needs root. Does nothing where there is no Linux.
    """
    if is_linux():
        _prctl(_SET_DUMPABLE, 0)


def end_with_parent(parent: int) -> None:
    """Ends this process when the thread that forked it ends. Ends it now if ``parent`` has ended already."""
    if is_linux():
        _prctl(_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def forbid_new_privileges() -> None:
    if is_linux():
        _prctl(_SET_NO_NEW_PRIVS, 1)


def landlock_abi() -> int:
    """The version of the kernel's Landlock; 0 if there is none."""
    if not is_linux():
        return 0
    return max(0, _libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), _LANDLOCK_VERSION))


def deny_files_and_network(abi: int) -> None:
    """Landlock without a rule: opens no path, no TCP port, and signals nobody outside. OSError if refused.

    Needs ``forbid_new_privileges`` before.
    """
    rights = _Ruleset(*(_known(table, abi) for table in (_FILE_RIGHTS, _NETWORK_RIGHTS, _SCOPES)))
    size = (
        24 if abi >= 6 else 16 if abi >= 4 else 8
    )  # an older kernel refuses fields that it doesn't know
    ruleset = _checked(
        _libc.syscall(_LANDLOCK_CREATE, ctypes.byref(rights), ctypes.c_size_t(size), 0)
    )
    _checked(_libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0))
    os.close(ruleset)


def _known(rights: dict[int, int], abi: int) -> int:
    return sum(bits for since, bits in rights.items() if since <= abi)


def filter_system_calls(program: bytes) -> None:
    """Applies a compiled seccomp filter for good; needs ``forbid_new_privileges``. OSError if refused."""
    _prctl(_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(_Program(len(program) // 8, program)))


def has_seccomp() -> bool:
    """Whether the kernel takes filters: it reads the program's address first, and there is none here."""
    if not is_linux():
        return False
    ctypes.set_errno(0)
    _libc.prctl(_SET_SECCOMP, _SECCOMP_MODE_FILTER, None, 0, 0)
    return ctypes.get_errno() == errno.EFAULT


def resident_bytes(pid: int) -> int:
    """The memory that a process holds; 0 if it has ended, or where it can't be found out."""
    return _pages(pid, 1) * resource.getpagesize()


def data_bytes() -> int:
    """What ``RLIMIT_DATA`` counts of this process: private memory that it can write to, touched or not."""
    return _pages("self", 5) * resource.getpagesize()


def _pages(pid: int | str, field: int) -> int:
    """One number of proc_pid_statm(5); 0 where there is none."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[field])
    except OSError:
        return 0


def threads() -> int:
    """The number of threads of this process; 1 where it can't be found out."""
    tasks = Path("/proc/self/task")
    return len(os.listdir(tasks)) if tasks.is_dir() else 1  # noqa: PTH208  one number of entries


def _prctl(option: int, *values: object) -> None:
    padded = [*values, 0, 0, 0, 0][:4]
    _checked(_libc.prctl(option, *(ctypes.c_ulong(v) if isinstance(v, int) else v for v in padded)))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
