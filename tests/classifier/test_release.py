"""A release that is missing, of another format, or changed by one byte is refused with a sentence."""

import hashlib
import json
import shutil
from dataclasses import replace

import onnx
import pytest
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from classifier import release as releases
from classifier.classify import Classifier
from classifier.network import load_weights
from classifier.release import default_release_path, load_release
from classifier.release_errors import ReleaseCorrupt, ReleaseIncompatible, ReleaseMissing

INFINITE = float("inf")


@pytest.fixture
def folder(release, tmp_path):
    """A copy that may be broken."""
    return shutil.copytree(release.folder, tmp_path / "copy")


def rewrite(folder, **changes) -> None:
    """Changes the manifest; a value of None removes its key."""
    path = folder / "manifest.json"
    manifest = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({key: each for key, each in manifest.items() if each is not None}))


def refused(folder, kind) -> str:
    with pytest.raises(kind) as caught:
        load_release(folder)
    assert type(caught.value) is kind
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert str(folder) in sentence
    return sentence


def test_the_shipped_release_is_whole_and_named(release):
    assert release.folder.name == f"{release.name}-{release.version}"
    raw = (release.folder / "manifest.json").read_bytes()
    assert release.sha256 == hashlib.sha256(raw).hexdigest()
    assert {"model.onnx", "model.safetensors", "MODEL_CARD.md"} <= set(release.manifest["files"])


def test_the_shipped_release_holds_no_pickle_and_little_weight(release):
    files = list(release.folder.iterdir())
    known = {".json", ".onnx", ".safetensors", ".md", ".csv", ".svg"}
    assert {path.suffix for path in files} <= known
    assert sum(path.stat().st_size for path in files) < 45e6


@pytest.mark.parametrize(
    ("said", "usable"),
    [({"usable": True}, True), ({"usable": False}, False), ({}, False), ({"usable": "yes"}, False)],
)
def test_a_call_is_used_only_where_the_manifest_allows_it(release, folder, said, usable):
    call = {key: value for key, value in release.manifest["call"].items() if key != "usable"}
    rewrite(folder, call=call | said)
    assert load_release(folder).call_is_usable is usable


def test_an_empty_folder_is_missing(tmp_path):
    assert "manifest.json is missing" in refused(tmp_path, ReleaseMissing)


def test_no_release_or_two_have_no_default(tmp_path, monkeypatch):
    monkeypatch.setattr(releases, "RELEASES", tmp_path)
    with pytest.raises(ReleaseMissing, match="has 0"):
        default_release_path()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").touch()
    with pytest.raises(ReleaseMissing, match="has 2"):
        default_release_path()


@pytest.mark.parametrize("version", [0, 1, 4, "1", None])
def test_another_format_is_incompatible(folder, version):
    rewrite(folder, format=version)
    sentence = refused(folder, ReleaseIncompatible)
    assert (
        f"of format {version!r}, but this Callus reads formats 2 and 3: use a release" in sentence
    )


def test_a_manifest_as_format_1_had_it_is_incompatible(folder, release):
    """One threshold for all classes, flat figures, no call and no refusal."""
    rewrite(
        folder,
        format=1,
        prediction_set={"threshold": 0.05},
        metrics={"accuracy": {"value": 0.4}},
        **dict.fromkeys(("call", "assessability", "detector", "indications", "kinds")),
    )
    assert "formats 2 and 3" in refused(folder, ReleaseIncompatible)


@pytest.mark.parametrize("key", ["call", "assessability"])
def test_a_release_without_a_call_or_a_refusal_is_corrupt(folder, plain_release, tmp_path, key):
    plain = shutil.copytree(plain_release, tmp_path / "plain")
    for each in (folder, plain):
        rewrite(each, **{key: None})
        assert "lacks what a manifest needs" in refused(each, ReleaseCorrupt)


@pytest.mark.parametrize("head", ["fracture", "kinds"])
def test_a_graph_without_one_of_the_heads_makes_no_classifier(plain_release, tmp_path, head):
    """As that of format 1 was, under a manifest of format 2."""
    plain = shutil.copytree(plain_release, tmp_path / "plain")
    path = plain / "model.onnx"
    model = onnx.load(path, load_external_data=False)
    (output,) = [each for each in model.graph.output if each.name == head]
    model.graph.output.remove(output)
    onnx.save(model, path)
    files = json.loads((plain / "manifest.json").read_text())["files"]
    rewrite(plain, files={**files, path.name: hashlib.sha256(path.read_bytes()).hexdigest()})
    with pytest.raises(ReleaseCorrupt, match="has no output for fractures"):
        Classifier(plain)


@pytest.mark.parametrize("head", ["fracture", "kinds", "network"])
def test_weights_without_one_of_the_heads_are_of_another_network(plain_release, tmp_path, head):
    """As those of format 1 were, which did not say either which network they are of ("network")."""
    path = shutil.copy(plain_release / "model.safetensors", tmp_path)
    with safe_open(path, "np") as file:
        metadata = {key: said for key, said in file.metadata().items() if key != head}
    kept = {name: each for name, each in load_file(path).items() if name.partition(".")[0] != head}
    save_file(kept, path, metadata)
    with pytest.raises(ValueError, match=r"of another network|which network it holds"):
        load_weights(path)


def test_other_classes_are_incompatible(folder, release):
    rewrite(folder, labels=list(reversed(release.labels)))
    assert "other classes" in refused(folder, ReleaseIncompatible)


@pytest.mark.parametrize("name", ["model.onnx", "model.safetensors", "MODEL_CARD.md"])
def test_one_changed_byte_is_corrupt(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    sentence = refused(folder, ReleaseCorrupt)
    assert name in sentence
    assert "SHA-256" in sentence


def test_a_lost_file_is_corrupt(folder):
    (folder / "model.onnx").unlink()
    assert "model.onnx is missing" in refused(folder, ReleaseCorrupt)


@pytest.mark.parametrize("content", ["{", "[]", '"x"', '{"format": NaN}'])
def test_a_manifest_that_is_none_is_corrupt(folder, content):
    (folder / "manifest.json").write_text(content)
    refused(folder, ReleaseCorrupt)


@pytest.mark.parametrize(
    "key", ["files", "name", "version", "preprocessing", "temperature", "prediction_set"]
)
def test_a_manifest_that_lacks_a_fact_is_corrupt(folder, key):
    rewrite(folder, **{key: None})
    refused(folder, ReleaseCorrupt)


@pytest.mark.parametrize("key", ["name", "version"])
@pytest.mark.parametrize(
    "value", ["../../../elsewhere", "/elsewhere", "..", "", "a\nb", "9" * 200, 3]
)
def test_a_title_that_is_no_part_of_a_path_is_corrupt(folder, key, value):
    rewrite(folder, **{key: value})
    assert f"a {key} of letters" in refused(folder, ReleaseCorrupt)


def test_an_unknown_preprocessing_is_corrupt_and_not_ignored(folder, release):
    rewrite(folder, preprocessing={**release.manifest["preprocessing"], "clahe": 2})
    assert "clahe" in refused(folder, ReleaseCorrupt)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        *(
            (("call", "rule", "negative_below"), value)
            for value in (0.9, -3, "0.1", True, INFINITE)
        ),
        *((("call", "rule", "positive_from"), value) for value in (0.001, 7, None, -INFINITE)),
        *((("call", "rule", "slope"), value) for value in (0, -1, "1", INFINITE)),
        (("call", "rule", "intercept"), INFINITE),
        *((("assessability", "rule", "threshold"), value) for value in (INFINITE, "0", False)),
        *((("temperature",), value) for value in (0, -1.3, INFINITE, "1", True)),
        *((("prediction_set", "thresholds", "spiral"), value) for value in (-0.1, 1.1, "0")),
        *((("preprocessing", "size"), value) for value in (0, -288, 288.0, "288")),
        *((("preprocessing", "stored_size"), value) for value in (0, 320.5)),
        *((("preprocessing", "low"), value) for value in (-1, 99.5, "0")),
        *((("preprocessing", "high"), value) for value in (101, 0.1)),
        *((("preprocessing", "std"), value) for value in (0, -1, INFINITE)),
        (("preprocessing", "mean"), INFINITE),
        (("detector", "preprocessing", "std"), 0),
        (("detector", "boxes", "score_from"), "0.1"),
    ],
    ids=str,
)
def test_a_number_out_of_its_range_is_corrupt(folder, place, value):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    *outer, last = place
    part = manifest
    for key in outer:
        part = part[key]
    part[last] = value
    path.write_text(json.dumps(manifest).replace("Infinity", "1e999"))  # which JSON can say
    assert "lacks what a manifest needs" in refused(folder, ReleaseCorrupt)


def test_a_manifest_cannot_point_outside_its_folder(folder):
    rewrite(folder, files={"../secret": "0" * 64})
    assert "outside" in refused(folder, ReleaseCorrupt)


@pytest.mark.parametrize(
    "weights", [None, {"onnx": "model.onnx"}, {"onnx": "../m", "safetensors": "m"}]
)
def test_weights_that_no_hash_covers_are_corrupt(folder, weights):
    rewrite(folder, weights=weights)
    refused(folder, ReleaseCorrupt)


def test_a_file_that_no_hash_covers_is_corrupt(folder):
    (folder / "weights.bin").write_bytes(b"0")
    assert "weights.bin does not belong to the release" in refused(folder, ReleaseCorrupt)


def test_a_corrupt_release_makes_no_classifier(folder):
    (folder / "model.onnx").write_bytes(b"")
    with pytest.raises(ReleaseCorrupt):
        Classifier(folder)


@pytest.mark.parametrize(
    ("metrics", "share"),
    [
        ({"fracture": {"pictures": 321, "fractured": 235}}, 235 / 321),
        (
            {"fracture": None, "detector": {"fracatlas": {"pictures": 3186, "fractured": 545}}},
            545 / 3186,
        ),
        ({"fracture": None, "detector": {"fracatlas": None}}, None),
        ({"fracture": {"pictures": 0, "fractured": 0}}, None),
        ({"fracture": {"pictures": "321", "fractured": 235}}, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_release_says_how_many_were_broken_where_it_was_calibrated(release, metrics, share):
    told = replace(release, manifest={**release.manifest, "metrics": metrics})
    assert told.prevalence == share
