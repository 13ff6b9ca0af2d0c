"""The box that a decode child shuts itself in before it reads a byte of a stranger's file.

From inside there is no way to open a file, to make a socket or a process, to run a program, to signal or
trace another process, or to map code: what is decoded can only be read from the descriptors that the child
holds already, and the answer written to one of them. docs/decisions/0035 says which layer stops what.
"""

import errno
import resource
import tempfile
from dataclasses import dataclass
from typing import Self

from classifier import kernel
from classifier.decode_message import Request

# All that decoding needs: memory, the descriptors it has, its own end, and time. What isn't named fails with
# EPERM, so that a library that asks for more gets an error it can handle.
_CALLS = (
    *("read", "pread64", "write", "writev", "lseek", "close", "fstat"),
    *("brk", "munmap", "mremap", "madvise"),
    *("futex", "restart_syscall", "sched_yield", "getrandom", "getpid", "gettid"),
    *("clock_gettime", "clock_nanosleep", "gettimeofday"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack"),
    *("exit", "exit_group"),
)
# The parent looks at what a child really holds, every few milliseconds if the machine lets it. These are the
# walls behind it, which the kernel keeps at every moment: of the memory that a child takes itself, and of
# the address space for a system whose RLIMIT_DATA doesn't count mappings. Both are wider than what it may
# hold: GDCM doubles its buffers as they fill and touches a half of them. JPEG Lossless reserves 1.4 times of
# what it holds.
_TAKEN, _RESERVED = 1.4, 2
_MAPPING_CALLS = ("mmap", "mprotect")  # allowed without PROT_EXEC: no new code
_PROTECTION, _EXECUTABLE = 2, 4  # which argument; PROT_EXEC


@dataclass(frozen=True)
class Box:
    """What this platform offers: the ABI of Landlock (0: none), a compiled seccomp filter (empty: none)."""

    landlock: int
    filter: bytes

    @classmethod
    def found(cls) -> Self:
        return cls(kernel.landlock_abi(), _filter() if kernel.has_seccomp() else b"")

    def missing(self) -> list[str]:
        """What a file that takes its child over isn't kept from here, one sentence each."""
        found = []
        if not kernel.is_linux():
            found.append(
                "This is no Linux: another program of the same user can read the decoder's memory."
            )
        if not self.filter:
            found.append(
                "There is no seccomp filter (it needs Linux and libseccomp): a file that takes the decoder "
                "over could run programs and signal other processes of the same user."
            )
        if not self.landlock:
            found.append(
                "There is no Landlock (it needs Linux 5.13): no second layer forbids to open files."
            )
        return found

    def shut(self, limits: Request) -> None:
        """Shuts this process in for good. Raises OSError where the platform breaks its word."""
        kernel.hide_memory()
        kernel.forbid_new_privileges()
        if self.landlock:
            kernel.deny_files_and_network(self.landlock)
        limit(limits)
        if self.filter:
            kernel.filter_system_calls(self.filter)


def limit(limits: Request) -> None:
    """Limits of every Unix: memory, processor time, the answer's size, and no new descriptor or process."""
    # One second between the two: at the hard limit the kernel sends SIGKILL, as it does if memory is short.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    # Libraries and what the parent has read are shared with it, and count for this process too.
    taken = kernel.data_bytes() + int(_TAKEN * limits.memory_bytes)
    for kind, most in (
        (resource.RLIMIT_DATA, taken),
        (resource.RLIMIT_AS, _RESERVED * limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.answer_bytes),
        (resource.RLIMIT_CORE, 0),
        # Doesn't hold for root.
        (resource.RLIMIT_NPROC, 0),
        # Those that are open stay. Where nothing else forbids it, this is what stops open and socket.
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _filter() -> bytes:
    """The filter as the kernel takes it, b"" without libseccomp. It is compiled once, for all children."""
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError):  # not a Linux, or without the library
        return b""
    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))
    for call in _CALLS:
        rules.add_rule(pyseccomp.ALLOW, call)
    no_code = pyseccomp.Arg(_PROTECTION, pyseccomp.MASKED_EQ, _EXECUTABLE, 0)
    for call in _MAPPING_CALLS:
        rules.add_rule(pyseccomp.ALLOW, call, no_code)
    with tempfile.TemporaryFile() as compiled:
        rules.export_bpf(compiled)
        compiled.seek(0)
        return compiled.read()
