"""A release of format 3: two networks in one graph and one file, and what its findings say of the place."""

import hashlib
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from classifier.assessability import AssessabilityRule
from classifier.boxes import BoxRule
from classifier.classify import Classifier
from classifier.preprocess import placement
from classifier.radiograph import Radiograph
from classifier.release import default_release_path, load_release
from classifier.release_errors import ReleaseCorrupt
from demo import drawings
from tests.classifier.conftest import drawn
from tests.classifier.test_command import run
from tests.detector_release import ALWAYS, detector_manifest


@pytest.fixture(scope="module")
def both(release_with_detector) -> Classifier:
    return lenient(release_with_detector)


@pytest.fixture(scope="module", params=["untrained", "shipped"])
def engines(request, release_with_detector) -> tuple[Classifier, Classifier]:
    """The same release by both engines: one that has learnt nothing, and the one that is served."""
    shipped = request.param == "shipped"
    folder = default_release_path() if shipped else release_with_detector
    return lenient(folder), lenient(folder, "torch")


def lenient(folder, engine: str = "onnx") -> Classifier:
    """It takes what is drawn here for bone."""
    made = Classifier(folder, engine)
    made.release = replace(made.release, assessability=AssessabilityRule(1e9))
    return made


@pytest.fixture(scope="module")
def pictures() -> list[Radiograph]:
    """Drawn films, two of extreme aspect, and one of 16 bits."""
    deep = drawn(240, 320, seed=6)
    return [
        *(drawn(300, 180, seed=1), drawn(170, 260, seed=2), drawn(1200, 40, seed=4)),
        drawn(40, 1200, seed=5),
        replace(deep, pixels=deep.pixels.astype(np.uint16) << 8, bits=16),
    ]


@pytest.fixture
def folder(release_with_detector, tmp_path):
    return shutil.copytree(release_with_detector, tmp_path / "copy")


def rewrite(folder, **changes) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_both_engines_say_the_same(engines, pictures):
    one, other = (engine.scores(pictures) for engine in engines)
    assert one.heat.shape == (len(pictures), 56, 56)
    assert one.extent.shape == (len(pictures), 4, 56, 56)
    assert one.heat.std() > 0.1
    for name in ("logits", "fracture", "kinds", "heat", "extent"):
        found, reference = getattr(one, name), getattr(other, name)
        # Extents reach some 50 cells, of which float32 holds fewer decimals.
        bound = 1e-4 * (max(1, np.abs(reference).max()) if name == "extent" else 1)
        assert np.abs(found - reference).max() < bound, name


def test_both_engines_draw_the_same_boxes(engines, pictures):
    points = [ALWAYS["positive"]] * len(pictures)
    findings = (engine.classify(pictures, points) for engine in engines)
    for one, other in zip(*findings, strict=True):
        assert one.boxes
        assert len(one.boxes) == len(other.boxes)
        for box, its_like in zip(one.boxes, other.boxes, strict=True):
            assert list(vars(box).values()) == pytest.approx(
                list(vars(its_like).values()), abs=2e-3
            )
        assert one.focus == other.focus
        assert np.abs(one.fracture_map - other.fracture_map).max() < 1e-4


def test_types_and_kinds_are_those_of_the_types_network_alone(both, classifier, pictures):
    one, other = both.scores(pictures), classifier.scores(pictures)
    assert np.abs(one.logits - other.logits).max() < 1e-5
    assert np.abs(one.kinds - other.kinds).max() < 1e-4
    assert np.abs(one.fracture - other.fracture).max() > 0.1  # the detector's own


def test_the_detector_sees_the_picture_in_its_own_size(both, pictures, monkeypatch):
    seen = []
    inner = both._engine.run
    monkeypatch.setattr(
        both._engine,
        "run",
        lambda *batches: seen.append([b.shape for b in batches]) or inner(*batches),
    )
    both.classify(pictures[:2])
    assert seen == [[(2, 3, 288, 288), (2, 3, 448, 448)]]


@pytest.mark.parametrize("called", ALWAYS)
def test_there_are_boxes_where_it_is_called_and_only_there(both, pictures, called):
    found = both.classify(pictures, [ALWAYS[called]] * len(pictures))
    for finding in found:
        assert finding.assessable
        assert finding.call == called
        assert bool(finding.boxes) is (called != "negative")
        assert isinstance(finding.boxes, tuple)
        assert finding.focus is not None


def test_what_is_not_assessable_has_neither_box_nor_focus(both, pictures):
    blank = replace(pictures[0], pixels=np.full_like(pictures[0].pixels, 90))
    (finding,) = both.classify([blank], [ALWAYS["positive"]])
    assert (finding.assessable, finding.boxes, finding.focus) == (False, (), None)
    assert finding.as_json()["boxes"] == []


def test_places_lie_within_the_picture_and_maps_span_it(both, pictures):
    for radiograph, finding in zip(
        pictures, both.classify(pictures, [ALWAYS["doubt"]] * len(pictures)), strict=True
    ):
        height, width = radiograph.pixels.shape
        longer = max(height, width)
        assert finding.fracture_map.shape == tuple(
            max(1, round(56 * side / longer)) for side in (height, width)
        )
        assert 0 <= finding.fracture_map.min() <= finding.fracture_map.max() <= 1
        for box in finding.boxes or ():
            assert 0 <= box.x < box.x + box.width <= 1
            assert 0 <= box.y < box.y + box.height <= 1
        answer = json.loads(json.dumps(finding.as_json()))
        assert [set(box) for box in answer["boxes"]] == [
            {"x", "y", "width", "height", "score"} for _ in finding.boxes
        ]


def test_the_focus_is_the_strongest_cell_of_the_picture(both, pictures):
    scores = both.scores(pictures)
    for index in (0, 1):  # a tall one and a wide one
        height, width = pictures[index].pixels.shape
        place, heat = placement(height, width, 448), scores.heat[index]
        middles = 8 * np.arange(56) + 4
        rows = (middles >= place.top) & (middles <= place.top + place.height)
        columns = (middles >= place.left) & (middles <= place.left + place.width)
        hidden = np.where(rows[:, None] & columns, heat, -np.inf)
        row, column = np.unravel_index(hidden.argmax(), hidden.shape)
        (finding,) = both.classify([pictures[index]])
        assert finding.focus.x == pytest.approx(
            (middles[column] - place.left) / place.width, abs=1e-3
        )
        assert finding.focus.y == pytest.approx((middles[row] - place.top) / place.height, abs=1e-3)


def test_a_batch_says_what_each_picture_says_alone(both, pictures):
    points = [ALWAYS["positive"]] * 2
    together = both.classify(pictures[:2], points)
    for picture, finding in zip(pictures[:2], together, strict=True):
        (alone,) = both.classify([picture], points[:1])
        assert (alone.boxes, alone.focus) == (finding.boxes, finding.focus)


def test_it_is_light(release_with_detector):
    assert sum(path.stat().st_size for path in release_with_detector.iterdir()) < 45e6


def test_the_manifest_tells_the_rule(release_with_detector):
    detector = load_release(release_with_detector).detector
    told = detector_manifest()["boxes"]
    del told["method"]
    assert detector.boxes == BoxRule(**told)
    assert detector.preprocessing.size == 448


@pytest.mark.parametrize(
    "change",
    [
        {"detector": None},
        {"detector": {}},
        {"detector": {**detector_manifest(), "boxes": None}},
        *(
            {
                "detector": {
                    **detector_manifest(),
                    "boxes": {**detector_manifest()["boxes"], **wrong},
                }
            }
            for wrong in (
                *({"slope": 0}, {"slope": "steep"}, {"intercept": 1e999}, {"overlap": 2}),
                *({"most": 0}, {"most": 1.5}, {"most": "5"}, {"soft": 1}),
            )
        ),
        *(
            {"detector": {**detector_manifest(), "preprocessing": {"size": size}}}
            for size in (0, 450, "448", None)
        ),
    ],
    ids=str,
)
def test_a_detector_that_is_not_well_told_is_corrupt(folder, change):
    path = folder / "manifest.json"
    manifest = {**json.loads(path.read_text()), **change}
    path.write_text(json.dumps(manifest).replace("Infinity", "1e999"))
    with pytest.raises(ReleaseCorrupt, match="lacks what a manifest needs"):
        load_release(folder)


def test_a_rule_that_lacks_a_number_is_corrupt(folder):
    for key in ("slope", "intercept", "overlap", "score_from", "most"):
        told = detector_manifest()
        del told["boxes"][key]
        rewrite(folder, detector=told)
        with pytest.raises(ReleaseCorrupt, match="lacks what a manifest needs"):
            load_release(folder)


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_networks_that_the_manifest_does_not_name_are_refused(
    folder, plain_release, tmp_path, engine
):
    """Each manifest on the other's files: neither makes a classifier."""
    plain = shutil.copytree(plain_release, tmp_path / "plain")
    theirs = json.loads((plain / "manifest.json").read_text())
    rewrite(plain, format=3, detector=detector_manifest())
    rewrite(folder, format=theirs["format"])
    for wrong in (plain, folder):
        with pytest.raises(ReleaseCorrupt, match="other networks than the manifest says"):
            Classifier(wrong, engine)


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_a_file_of_the_other_release_is_refused(folder, plain_release, tmp_path, engine):
    """One of two networks beside one of one, whichever of the two the engine runs."""
    for name in ("model.onnx", "model.safetensors"):
        mixed = shutil.copytree(folder, tmp_path / name)
        shutil.copy(plain_release / name, mixed / name)
        files = json.loads((mixed / "manifest.json").read_text())["files"]
        rewrite(
            mixed, files={**files, name: hashlib.sha256((mixed / name).read_bytes()).hexdigest()}
        )
        with pytest.raises(ReleaseCorrupt, match=r"other networks|can't run it"):
            Classifier(mixed, engine)


@pytest.mark.parametrize("engine", ["onnx", "torch"])
@pytest.mark.parametrize("network", ["types", "detector"])
def test_a_size_that_is_not_the_graph_s_is_refused(folder, engine, network):
    told = json.loads((folder / "manifest.json").read_text())
    if network == "types":
        rewrite(folder, preprocessing={**told["preprocessing"], "size": 320})
    else:
        preprocessing = {**told["detector"]["preprocessing"], "size": 320}
        rewrite(folder, detector={**told["detector"], "preprocessing": preprocessing})
    with pytest.raises(ReleaseCorrupt, match="pixels, and the manifest says 320"):
        Classifier(folder, engine)


@pytest.mark.parametrize("engine", ["onnx", "torch"])
@pytest.mark.parametrize("name", ["model.onnx", "model.safetensors"])
@pytest.mark.parametrize("content", [b"", b"no network", b"\x08\0\0\0\0\0\0\0{}      "])
def test_files_that_no_engine_reads_are_corrupt_in_either(folder, engine, name, content):
    """Every hash is right: who released it made a mistake."""
    (folder / name).write_bytes(content)
    files = json.loads((folder / "manifest.json").read_text())["files"]
    rewrite(folder, files={**files, name: hashlib.sha256(content).hexdigest()})
    with pytest.raises(ReleaseCorrupt):
        Classifier(folder, engine)


def test_the_command_tells_the_boxes(release_with_detector, tmp_path):
    drawings.draw("spiral", seed=1).save(tmp_path / "film.png")
    manifest = load_release(release_with_detector).manifest
    call = {**manifest["call"], "rule": {**manifest["call"]["rule"], "negative_below": 0.0}}
    folder = shutil.copytree(release_with_detector, tmp_path / "release")
    rewrite(folder, call=call)
    command = ("classify", tmp_path / "film.png", tmp_path / "none.png", "--release", folder)
    answer, refused = map(json.loads, run(*command, "--json").stdout.splitlines())
    assert set(answer["boxes"][0]) == {"x", "y", "width", "height", "score"}
    assert set(answer["focus"]) == {"x", "y"}
    assert (refused["boxes"], refused["focus"]) == (None, None)
    assert ": box at " in run(*command).stdout.splitlines()[0]
    assert "'boxes'" in run("classify", "--help").stdout
