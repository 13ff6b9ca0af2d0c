"""A file that takes its decode child over finds no way out: each is tried, and tried without the box too."""

import json
import os
import platform
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from classifier.box import Box
from tests.intake import escapes
from tests.intake.decoders import replace_parent, still_reads
from triage.intake.memory_files import memory_file, read_only
from triage.intake.sandbox import Sandbox

HERE = Box.found()
pytestmark = pytest.mark.skipif(
    bool(HERE.missing()) or platform.machine() != "x86_64",
    reason=f"not here: {' '.join(HERE.missing()) or platform.machine()}",
)
# They do no harm, and tests run as root or not: without the box some are refused all the same.
MAY_FAIL_ANYWHERE = {
    *("io_uring_setup", "userfaultfd", "unshare a user namespace", "kcmp", "sched_setaffinity"),
    *(
        f"{act} the {who}"
        for act in ("memory of", "trace", "read from")
        for who in ("owner", "parent")
    ),
    *(
        f"{act} the {who}"
        for act in ("environment of", "descriptors of")
        for who in ("owner", "parent")
    ),
}


def servers() -> list[tuple[str, str, int]]:
    database, redis = settings.DATABASES["default"], urlsplit(settings.CELERY_BROKER_URL)
    host = database["OPTIONS"].get("host") or database["HOST"]
    port = int(database.get("PORT") or 5432)
    return [("PostgreSQL", host, port), ("Redis", redis.hostname, redis.port)]


@pytest.fixture
def reach(tmp_path) -> dict[str, object]:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "victim").write_text("victim")
    return {
        "secret": str(tmp_path / "secret"),
        "folder": str(tmp_path),
        "victim": str(tmp_path / "victim"),
        "owner": os.getpid(),
        "servers": servers(),
    }


def said(monkeypatch, reach, is_shut: bool) -> tuple[int, dict[str, str]]:
    """How the child ended, and what became of each try."""
    program = "from tests.intake.escapes import main; main()"
    replace_parent(monkeypatch, program, json.dumps(is_shut), json.dumps(reach))
    original = Path(reach["secret"])
    with Sandbox() as sandbox, memory_file() as answer, memory_file(b"{}") as job:
        with original.open("r+b") as file, read_only(file) as content:
            ended = sandbox._run(content, job, answer)
        text = os.pread(answer, 1 << 20, 0)
    return ended.status, json.loads(text or "{}")


def test_there_is_no_way_out(monkeypatch, reach):
    status, found = said(monkeypatch, reach, is_shut=True)
    assert status == 0
    assert {name for name, became in found.items() if became == "done"} == set()
    assert len(found) == len(escapes.tries(reach, os.getpid()))
    assert Path(reach["victim"]).exists() and Path(reach["secret"]).read_text() == "secret"
    assert not Path(reach["folder"], "new").exists()


def test_without_the_box_the_same_tries_are_ways_out(monkeypatch, reach):
    status, found = said(monkeypatch, reach, is_shut=False)
    assert status == 0
    refused = {name for name, became in found.items() if became != "done"}
    # Its own original is safe without any box: its descriptor only reads.
    assert refused - MAY_FAIL_ANYWHERE == {"write to its own original"}


@pytest.mark.parametrize(("is_shut", "status"), [(True, 70), (False, 0)])
def test_no_program_can_be_run(monkeypatch, reach, is_shut, status):
    """``true`` in place of the child ends with 0; a child that raises, with 70."""
    assert said(monkeypatch, {**reach, "executes": True}, is_shut)[0] == status


@pytest.mark.parametrize("missing", ["filter", "landlock", "both"])
def test_a_platform_with_fewer_layers_decodes_with_those_it_has(monkeypatch, missing):
    weak = {
        "filter": f"({HERE.landlock}, b'')",
        "landlock": "(0, box._filter())",
        "both": "(0, b'')",
    }
    program = (
        "from classifier import box, decode_parent;"
        f"box.Box.found = classmethod(lambda cls: cls{weak[missing]}); decode_parent.main()"
    )
    replace_parent(monkeypatch, program)
    with Sandbox() as sandbox:
        assert still_reads(sandbox)


@pytest.mark.parametrize(
    ("missing", "refused"),
    [
        ("filter", {"read a secret file", "write a file", "connect to Redis", "fork"}),
        ("landlock", {"read a secret file", "write a file", "connect to Redis", "fork"}),
        ("both", {"read a secret file", "write a file", "connect to Redis", "make a pipe"}),
    ],
)
def test_each_layer_holds_alone(monkeypatch, reach, missing, refused):
    """Without seccomp and Landlock too: no descriptor is free for a file or a socket."""
    if os.getuid() == 0:
        refused = refused - {"fork"} if missing == "filter" else refused  # root may always fork
    weak = {
        "filter": f"({HERE.landlock}, b'')",
        "landlock": "(0, box._filter())",
        "both": "(0, b'')",
    }
    program = (
        "from classifier import box; from tests.intake.escapes import main;"
        f"box.Box.found = classmethod(lambda cls: cls{weak[missing]}); main()"
    )
    replace_parent(monkeypatch, program, "true", json.dumps(reach))
    with Sandbox() as sandbox, memory_file() as answer, memory_file(b"{}") as job:
        assert sandbox._run(job, job, answer).status == 0
        found = json.loads(os.pread(answer, 1 << 20, 0))
    assert {name for name in refused if found[name] == "done"} == set()


def test_what_is_missing_is_said_in_sentences():
    assert HERE.missing() == []
    assert len(Box(0, b"").missing()) == 2
    assert all(text.endswith(".") for text in Box(0, b"").missing())
    assert sys.platform == "linux"
