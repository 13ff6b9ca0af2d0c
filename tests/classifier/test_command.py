"""``python -m classifier classify`` as a person and as a program meet it."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from PIL import Image
from pydicom import DataElement

from classifier.__main__ import main
from classifier.classify import Classifier
from classifier.labels import CLASSES
from classifier.radiograph import read_radiograph
from demo import drawings
from tests import pictures
from tests.conftest import REPOSITORY


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "classifier", *map(str, arguments)],
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory, radiographs):
    """Two pictures, a cut one, a text, and a folder."""
    folder = tmp_path_factory.mktemp("files")
    for number, radiograph in enumerate(radiographs[:2]):
        Image.fromarray(radiograph.pixels).save(folder / f"{number}.png")
    (folder / "cut.png").write_bytes((folder / "0.png").read_bytes()[:900])
    (folder / "notes.png").write_text("not a picture")
    return folder


@pytest.fixture
def released(release):
    return ("--release", release.folder)


def test_one_json_object_a_line_and_nothing_else(files, released, classifier, radiographs):
    result = run("classify", files / "0.png", files / "1.png", "--json", *released)
    assert (result.returncode, result.stderr) == (0, "")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    expected = classifier.classify(radiographs[:2])
    for name, answer, finding in zip(("0.png", "1.png"), answers, expected, strict=True):
        assert answer["file"] == str(files / name)
        assert set(answer["probabilities"]) == set(CLASSES)
        assert answer["probabilities"] == pytest.approx(finding.probabilities, abs=1e-5)
        assert answer["top_class"] == finding.top_class
        assert answer["confidence"] == max(answer["probabilities"].values())
        assert answer["release"] == finding.release
        assert answer["call"] == finding.call
        assert answer["call_usable"] is True  # of the shipped release
        assert answer["milliseconds"] > 0


def test_a_bad_file_does_not_stop_the_others_and_is_told_by_the_exit_code(files, released):
    names = ["cut.png", "notes.png", "none.png", "1.png"]
    result = run("classify", *(files / name for name in names), files, "--json", *released)
    assert result.returncode == 1
    *refused, good, folder = map(json.loads, result.stdout.splitlines())
    assert good["probabilities"]
    for name, answer in zip(names, refused, strict=False):
        assert set(answer) == {*good, "error"}
        assert all(answer[key] is None for key in good if key != "file")
        assert name in answer["error"]
        assert answer["error"].endswith(".")
    assert "error" not in good
    assert "is a folder" in folder["error"]


def test_a_header_of_a_wrong_kind_is_one_line_and_the_rest_is_read(files, released, tmp_path):
    odd = tmp_path / "rows-as-text.dcm"
    odd.write_bytes(pictures.dicom(Rows=DataElement("Rows", "LO", "48")))
    result = run("classify", files / "0.png", odd, files / "1.png", "--json", *released)
    assert (result.returncode, result.stderr) == (1, "")
    first, refused, last = map(json.loads, result.stdout.splitlines())
    assert (first["file"], last["file"]) == (str(files / "0.png"), str(files / "1.png"))
    assert "rows-as-text.dcm" in refused["error"]
    assert set(refused) == {*first, "error"}


@pytest.mark.parametrize(
    ("error", "says"), [(ZeroDivisionError, "broke the program"), (MemoryError, "more memory")]
)
def test_whatever_one_file_leads_to_the_others_are_read(
    error, says, files, release, monkeypatch, capsys, caplog
):
    whole = Classifier.classify

    def broken_once(classifier, radiographs, points=None):
        monkeypatch.setattr(Classifier, "classify", whole)
        raise error("DOE^JOHN")

    monkeypatch.setattr(Classifier, "classify", broken_once)
    arguments = ["--release", str(release.folder), "--json"]
    assert main(["classify", str(files / "0.png"), str(files / "1.png"), *arguments]) == 1
    refused, read = map(json.loads, capsys.readouterr().out.splitlines())
    assert "0.png" in refused["error"]
    assert says in refused["error"]
    assert "error" not in read
    assert "DOE" not in caplog.text


def test_the_table_names_file_class_and_that_it_is_no_diagnosis(
    files, released, classifier, tmp_path
):
    drawings.draw("spiral", seed=1).save(tmp_path / "film.png")
    Image.new("L", (300, 200)).save(tmp_path / "black.png")
    pictures = [tmp_path / "film.png", tmp_path / "black.png"]
    result = run("classify", *pictures, files / "cut.png", *released)
    assert result.returncode == 1
    *lines, cut, last = result.stdout.splitlines()
    read = [read_radiograph(path.read_bytes(), path.name) for path in pictures]
    for path, line, finding in zip(pictures, lines, classifier.classify(read), strict=True):
        assert line.startswith(str(path))
        said = finding.top_class if finding.assessable else f"not assessable: {finding.reason}"
        assert said in line
        assert finding.call is None or f"({finding.call}" in line
    assert "refused: cut.png is cut off" in cut
    assert last.startswith(f"{classifier.release.title}. A model's suggestion, no diagnosis.")


@pytest.mark.parametrize("usable", [False, True])
def test_a_call_that_may_not_be_used_is_printed_and_said_to_be_so(usable, files, release, tmp_path):
    folder = tmp_path / "release"
    shutil.copytree(release.folder, folder)
    manifest = dict(release.manifest)
    manifest["call"] = {**manifest["call"], "usable": usable}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    drawings.draw("spiral", seed=1).save(tmp_path / "film.png")
    command = ("classify", tmp_path / "film.png", "--release", folder)
    answer = json.loads(run(*command, "--json").stdout)
    assert answer["call"] in ("positive", "doubt", "negative")
    assert answer["call_usable"] is usable
    last = run(*command).stdout.splitlines()[-1]
    reason = f"Its fracture call may not be used. {manifest['call']['usable_reason']}"
    assert (reason in last) is not usable


def test_what_a_name_says_is_no_matter(files, released, tmp_path):
    odd = tmp_path / "two\nlines.dcm"
    odd.write_bytes((files / "0.png").read_bytes())
    result = run("classify", odd, *released)
    assert result.returncode == 0
    assert len(result.stdout.splitlines()) == 2
    assert "two\\nlines.dcm" in result.stdout


def test_without_a_release_named_the_shipped_one_reads(files, release):
    answer = json.loads(run("classify", files / "0.png", "--json").stdout)
    assert answer["release"] == release.title


def test_the_torch_engine_is_a_flag_away(files, released):
    onnx = run("classify", files / "0.png", "--json", *released)
    torch = run(
        "classify", files / "0.png", "--json", "--engine", "torch", "--threads", 1, *released
    )
    one, other = json.loads(onnx.stdout), json.loads(torch.stdout)
    assert one["scores"] == pytest.approx(other["scores"], abs=2e-4)


def test_a_folder_without_a_release_is_one_sentence(files, tmp_path):
    result = run("classify", files / "0.png", "--release", tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        f"classifier: {tmp_path} contains no release: manifest.json is missing."
    ]


@pytest.mark.parametrize("arguments", [[], ["classify"], ["classify", "x.png", "--threads", "0"]])
def test_wrong_usage_is_2(arguments):
    result = run(*arguments)
    assert result.returncode == 2
    assert "usage" in result.stderr


def test_help_names_each_option():
    text = run("classify", "--help").stdout
    for option in ("FILE", "--json", "--release", "--engine", "--threads", "call_usable"):
        assert option in text


def test_what_the_sender_says_decides_before_the_header(tmp_path, released):
    film = tmp_path / "film.png"
    drawings.draw("spiral", seed=1).save(film)
    sees = ("--json", "--projection", "PA", "--age-band", "2-11", *released)
    chest = json.loads(run("classify", film, "--body-part", "Thorax", *sees).stdout)
    read = json.loads(run("classify", film, "--body-part", "hand", *sees).stdout)
    assert set(chest) == set(read)
    said = ("call", "code", "reason_code", "indication")
    told = ["unread", "outside_indications", "chest", "excluded"]
    assert [chest[key] for key in said] == told
    told = {"file", "reason", "release", *said}
    assert {key for key, value in chest.items() if value is not None} == told
    assert read["code"] is None
    assert read["indication"] in ("measured", "not_measured")
    table = run("classify", film, "--body-part", "chest", *released)
    assert table.returncode == 0
    assert f"not read by a model: {chest['reason']}" in table.stdout


def test_a_word_that_is_not_known_is_wrong_usage(files, released):
    result = run("classify", files / "0.png", "--body-part", "chesst", *released)
    assert result.returncode == 2
    assert "unknown value 'chesst'" in result.stderr
    assert "Use one of: skull, " in result.stderr
    assert ", hand, " in result.stderr


def test_no_chance_of_a_fracture_is_told_of_what_is_not_assessable(released, tmp_path):
    Image.new("L", (300, 200)).save(tmp_path / "black.png")
    answer = json.loads(run("classify", tmp_path / "black.png", "--json", *released).stdout)
    assert answer["assessable"] is False
    assert (answer["call"], answer["fracture_probability"], answer["focus"]) == (None, None, None)
    assert answer["boxes"] == []
