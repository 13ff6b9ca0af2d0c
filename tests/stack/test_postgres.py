"""The private PostgreSQL: two roles, its data kept, and no trouble after a crash."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg
import pytest

from localservices.leftovers import runs
from localservices.postgres import postgres, server
from localservices.problem import Problem
from tests.processes import REPOSITORY
from tests.stack.conftest import processes_of


def run(address: str, statement: str) -> list[tuple]:
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def test_the_application_owns_nothing_and_can_make_nothing(folder):
    with postgres(folder / "postgres", "callus", throwaway=True) as addresses:
        run(addresses.owner, "CREATE TABLE kept (n int)")
        (rights,) = run(
            addresses.application,
            "SELECT current_user, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls "
            "FROM pg_roles WHERE rolname = current_user",
        )
        assert rights == ("callus_app", False, False, False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run(addresses.application, "CREATE TABLE more (n int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            run(addresses.application, "SELECT * FROM kept")


def test_it_is_stopped_and_its_data_is_there_the_next_time(folder):
    with postgres(folder / "postgres", "callus", throwaway=True) as addresses:
        run(addresses.owner, "CREATE TABLE kept (n int)")
    assert processes_of(folder) == []
    with pytest.raises(psycopg.OperationalError):
        run(addresses.owner, "SELECT 1")
    with postgres(folder / "postgres", "callus", throwaway=True) as addresses:
        assert run(addresses.owner, "SELECT * FROM kept") == []


def test_it_listens_on_no_network_and_its_folder_is_private(folder):
    with postgres(folder / "postgres", "callus", throwaway=True) as addresses:
        assert run(addresses.owner, "SHOW listen_addresses") == [("",)]
        assert stat.S_IMODE((folder / "postgres").stat().st_mode) == 0o700


# Both processes of a run name it alike, whatever its number is.
@pytest.mark.parametrize("pid", [str(os.getpid()), "4194303", "cut o"], ids=["own", "free", "text"])
def test_a_stale_pid_file_is_forgotten(folder, pid):
    """The machine crashed: nobody has the number any more, or by now somebody else has it."""
    with server(folder / "postgres", throwaway=True):
        left = (folder / "postgres" / "postmaster.pid").read_text().splitlines()
    stale = folder / "postgres" / "postmaster.pid"
    stale.write_text("\n".join([pid, *left[1:]]) if pid.isdigit() else pid)
    with postgres(folder / "postgres", "callus", throwaway=True) as addresses:
        assert run(addresses.owner, "SELECT 1") == [(1,)]


def test_the_server_of_a_killed_run_is_ended_first(folder):
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom localservices.postgres import server\n"
        "with server(Path(sys.argv[1]), throwaway=True):\n    print('up', flush=True)\n"
        "    time.sleep(60)\n"
    )
    data = folder / "postgres"
    command = [sys.executable, "-c", script, str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=REPOSITORY) as killed:
        assert killed.stdout.readline() == b"up\n"
        killed.send_signal(signal.SIGKILL)
    left = psutil.Process(int((data / "postmaster.pid").read_text().splitlines()[0]))
    assert runs(left)
    with postgres(data, "callus", throwaway=True) as addresses:
        assert not runs(left)
        assert run(addresses.owner, "SELECT 1") == [(1,)]


def test_a_path_with_spaces_and_quotes_is_no_trouble(folder):
    with postgres(folder / "Zoë's X-rays" / "postgres", "callus", throwaway=True) as addresses:
        assert run(addresses.owner, "SELECT 1") == [(1,)]


def test_a_long_path_gets_a_short_private_socket_elsewhere(folder):
    deep = folder / ("long" * 30) / "postgres"
    with postgres(deep, "callus", throwaway=True) as addresses:
        socket = Path(parse_qs(urlsplit(addresses.owner).query)["host"][0])
        assert socket != deep
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
        assert run(addresses.owner, "SELECT 1") == [(1,)]
    assert not socket.exists()


def test_half_made_data_is_made_anew(folder):
    """``initdb`` was killed in the middle: what it wrote stands beside, never in the folder's place."""
    half = folder / "postgres.part"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with postgres(folder / "postgres", "callus", throwaway=True) as addresses:
        assert run(addresses.owner, "SELECT 1") == [(1,)]
    assert not half.exists()


def test_a_server_that_cannot_start_says_why(folder):
    with server(folder / "postgres", throwaway=True):
        pass
    (folder / "postgres" / "PG_VERSION").write_text("12\n")
    with (
        pytest.raises(Problem, match="incompatible with server"),
        server(folder / "postgres", throwaway=True),
    ):
        pass


def test_text_sorts_alike_on_every_machine(folder):
    with postgres(folder / "postgres", "callus", throwaway=True) as addresses:
        (found,) = run(
            addresses.application,
            "SELECT datlocprovider::text, datlocale FROM pg_database "
            "WHERE datname = current_database()",
        )
    assert found == ("b", "C.UTF-8")
