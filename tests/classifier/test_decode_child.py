"""The process that decodes files of unknown senders: its protocol, its limits, and what leaves it."""

import io
import json
import resource
import subprocess
import sys

import pytest

from classifier import decode_child
from classifier.refused_file import Limits
from tests import pictures


def request(name: str, data: bytes) -> bytes:
    title = name.encode()
    return len(title).to_bytes(4, "big") + title + len(data).to_bytes(8, "big") + data


def answers_of(stream: io.BytesIO) -> list[tuple[dict, list[bytes]]]:
    """Each header with its pictures; fails if a byte is left."""
    found = []
    while head := stream.read(4):
        header = json.loads(stream.read(int.from_bytes(head, "big")))
        found.append((header, [stream.read(size) for size in header["sizes"]]))
    return found


@pytest.fixture(autouse=True)
def cpu_limits(monkeypatch):
    """The limits that would be set, so that none is set on the process of the tests."""
    found = []
    monkeypatch.setattr(resource, "setrlimit", lambda kind, limits: found.append((kind, limits)))
    return found


def served(*requests: bytes, limits: Limits = Limits()) -> list[tuple[dict, list[bytes]]]:  # noqa: B008
    answers = io.BytesIO()
    decode_child.serve(io.BytesIO(b"".join(requests)), answers, limits, 5)
    answers.seek(0)
    return answers_of(answers)


PNG = pictures.png(pictures.pixels())


def test_a_picture_is_answered_with_its_description_and_three_files():
    ((header, files),) = served(request("a.png", PNG))
    assert (header["kind"], header["bits"], header["modality"]) == ("png", 8, "")
    assert (header["height"], header["width"]) == pictures.pixels().shape
    assert header["facts"] is None and header["identity"] == {}
    assert [data[:4] for data in files] == [b"\x89PNG", b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xe0"]


def test_each_request_has_its_own_answer_in_order():
    first, second, third = served(
        request("a.png", PNG), request("b.txt", b"no picture"), request("c.png", PNG)
    )
    assert second[0]["code"] == "not_an_image" and second[1] == []
    assert second[0]["params"]["name"] == "b.txt"
    assert first == third


def test_a_refusal_has_no_files_and_a_sentence():
    ((header, files),) = served(request("wide.png", PNG), limits=Limits(pixels=10))
    assert header["code"] == "too_many_pixels" and files == []
    assert header["reason"].startswith("wide.png has ")


def test_no_request_no_answer():
    assert served() == []


@pytest.mark.parametrize("cut", [6, 12, -1])
def test_a_request_that_ends_early_gets_no_answer(cut):
    with pytest.raises(EOFError):
        served(request("a.png", PNG)[:cut])


def test_after_a_memory_error_the_answer_is_given_and_no_further_request_is_read(monkeypatch):
    def greedy(*_arguments):
        raise MemoryError

    monkeypatch.setattr(decode_child, "read_radiograph", greedy)
    ((header, files),) = served(request("a.png", PNG), request("b.png", PNG))
    assert header["code"] == "sandbox_memory" and files == []


def test_every_file_gets_its_processor_time_in_full(cpu_limits, monkeypatch):
    """Of 7.9 used seconds the limit counts 7: without one more the file would have 4.1 seconds of 5."""
    monkeypatch.setattr(decode_child.time, "process_time", lambda: 7.9)
    served(request("a.png", PNG), request("b.png", PNG))
    softs = [limits[0] for kind, limits in cpu_limits if kind == resource.RLIMIT_CPU]
    assert softs == [13, 13]
    assert all(soft - 7.9 >= 5 for soft in softs)


def test_the_process_may_write_no_file_and_start_no_other(cpu_limits):
    decode_child.limit_process(1 << 30)
    limits = dict(cpu_limits)
    assert limits[resource.RLIMIT_AS] == (1 << 30, 1 << 30)
    for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC):
        assert limits[kind] == (0, 0)
    assert 0 < limits[resource.RLIMIT_NOFILE][0] <= 64


def test_patient_data_leave_as_digests_that_one_key_makes_equal(monkeypatch):
    film = pictures.dicom(
        pictures.pixels(bits=12), 12, PatientID="4711", PatientBirthDate="19610223"
    )
    monkeypatch.setenv("IDENTITY_KEY", "one upload")
    (first, _), (second, _) = served(request("a.dcm", film), request("b.dcm", film))
    monkeypatch.setenv("IDENTITY_KEY", "another upload")
    ((third, _),) = served(request("a.dcm", film))
    assert {"PatientID", "PatientBirthDate"} <= set(first["identity"])
    assert first["identity"] == second["identity"]
    assert not set(first["identity"].values()) & set(third["identity"].values())
    for header in (first, third):
        assert "4711" not in json.dumps(header) and "1961" not in json.dumps(header)


def test_the_program_answers_on_its_pipes_and_ends_with_them():
    done = subprocess.run(
        [sys.executable, "-m", "classifier.decode_child", "--max-bytes=64"],
        input=request("a.png", PNG) + request("b.png", b"x" * 65),
        capture_output=True,
        check=True,
        timeout=60,
    )
    codes = [header["code"] for header, _ in answers_of(io.BytesIO(done.stdout))]
    assert codes == ["too_large", "too_large"]
