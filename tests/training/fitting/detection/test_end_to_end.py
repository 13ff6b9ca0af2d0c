"""A detector that learns whole: its views, its training, and the way over a machine that is lent."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional

from tests.training.conftest import Project
from tests.training.fitting.test_resume import kill_after_an_epoch
from training.config import Config
from training.errors import TrainingError
from training.fitting.detection import lent
from training.fitting.detection.live import LiveViews, sampling_grid
from training.fitting.detection.losses import consistency_loss
from training.fitting.detection.packed import read_packed, write_packed
from training.fitting.detection.placed import placed
from training.networks.device import Device
from training.networks.pretrained_detector import pretrained_detector
from training.storage.files import read_arrays

FOLD = "detector-repeat-0-fold-0"


@pytest.fixture(scope="module")
def whole(detected, tmp_path_factory) -> Project:
    """The drawn project by a recipe whose detector learns whole; the kinds head is there."""
    folder = tmp_path_factory.mktemp("whole")
    run = folder / "run"
    run.mkdir()
    for name in ("kinds.npz", "kinds.json"):
        shutil.copy(detected.run / name, run)
    added = "\nend_to_end = true\nconsistency_weight = 0.05\n"
    (folder / "whole.toml").write_text(detected.config.read_text() + added)
    return replace(detected, config=folder / "whole.toml", run=run)


def test_all_stages_learn_and_a_killed_training_leaves_the_same_bytes(whole, tmp_path, monkeypatch):
    monkeypatch.setattr("training.fitting.detection.train._CHECKPOINT_EACH", 1)
    command = ("fit", "--only", FOLD)
    assert whole.command(*command) == 0
    first = (whole.run / f"{FOLD}.safetensors").read_bytes()
    learnt = load_file(whole.run / f"{FOLD}.safetensors")
    before = pretrained_detector().state_dict()
    for name in ("stem.0.weight", "stages.0.0.conv_pw.weight", "stages.6.0.conv_pw.weight"):
        assert not torch.equal(learnt[name], before[name]), name
    again = replace(whole, run=shutil.copytree(whole.run, tmp_path / "run"))
    for path in again.run.glob(f"{FOLD}.*"):
        path.unlink()
    with monkeypatch.context() as patch:
        kill_after_an_epoch(patch)
        assert again.command(*command) == 130
    assert (again.run / f"{FOLD}.checkpoint").is_file()
    torch.manual_seed(99)
    assert again.command(*command) == 0
    assert (again.run / f"{FOLD}.safetensors").read_bytes() == first


def test_weights_of_a_lent_machine_are_scored_as_if_trained_here(whole, tmp_path):
    project = replace(whole, run=shutil.copytree(whole.run, tmp_path / "run"))
    for path in project.run.glob("detector-*"):
        path.unlink()
    there, packed = tmp_path / "there", tmp_path / "packed.safetensors"
    shared = ("--config", str(whole.config), "--data", str(whole.data))
    assert lent.main(["pack", str(packed), *shared]) == 0
    assert lent.main(["fit", str(packed), "--run", str(there), "--only", FOLD, *shared]) == 0
    assert [path.name for path in there.glob("*.safetensors")] == [f"{FOLD}.safetensors"]
    tensors = load_file(there / f"{FOLD}.safetensors")
    assert tensors["stem.0.weight"].dtype == torch.float16
    shutil.copy(there / f"{FOLD}.safetensors", project.run)
    assert project.command("fit", "--only", FOLD) == 0
    assert (there / "detector.json").read_text() == (project.run / "detector.json").read_text()
    found = read_arrays(project.run / f"{FOLD}.npz")
    assert np.isfinite(found["fracture"]).all() and len(found["ids"])


def test_two_looks_need_views_that_are_drawn_anew(whole, tmp_path):
    (tmp_path / "both.toml").write_text(
        whole.config.read_text().replace("end_to_end = true", "end_to_end = false")
    )
    with pytest.raises(TrainingError, match="consistency_weight needs end_to_end"):
        Config.read(tmp_path / "both.toml")


def test_packed_pictures_are_the_same_pictures(pictures, tmp_path):
    write_packed(pictures, tmp_path / "packed.safetensors")
    found = read_packed(tmp_path / "packed.safetensors")
    assert found.fingerprint == pictures.fingerprint
    assert [row.marks for row in found.rows] == [row.marks for row in pictures.rows]
    off = np.abs(found.pixels.astype(int) - pictures.pixels)
    assert off.mean() < 4


def test_a_file_that_holds_no_pictures_is_refused_in_a_sentence(tmp_path, whole, capsys):
    (tmp_path / "no.safetensors").write_bytes(b"no")
    arguments = ["fit", str(tmp_path / "no.safetensors"), "--config", str(whole.config)]
    assert lent.main([*arguments, "--run", str(tmp_path / "run")]) == 1
    assert "no.safetensors holds no packed pictures." in capsys.readouterr().err


def test_a_box_goes_where_its_pixels_go():
    """A bright square, turned, mirrored and scaled, lies in the box that is told, and fills its middle."""
    pixels, corners = np.zeros((96, 96), np.uint8), np.array([[30, 40, 46, 52]], np.float32)
    pixels[40:52, 30:46] = 255
    rng, looked_at = np.random.default_rng(5), 0
    for _ in range(200):
        place = placed(pixels, corners, True, 64, rng)
        grid = sampling_grid(torch.from_numpy(place.matrix)[None], 96, 64, torch.device("cpu"))
        image = torch.from_numpy(pixels)[None, None].float() / 255
        view = functional.grid_sample(image, grid, align_corners=False)[0, 0].numpy()
        if place.elsewhere:
            assert view.max() == 0 and place.known and place.close
            continue
        if not place.known or not len(place.corners):
            continue
        left, top, right, bottom = place.corners[0]
        y, x = np.nonzero(view > 0.5)
        shown = (x + 0.5 > place.window[0]) & (x + 0.5 < place.window[2])
        shown &= (y + 0.5 > place.window[1]) & (y + 0.5 < place.window[3])
        x, y = x[shown] + 0.5, y[shown] + 0.5
        assert (x >= left - 1).all() and (x <= right + 1).all()
        assert (y >= top - 1).all() and (y <= bottom + 1).all()
        assert abs(np.ptp(x) + 1 - (right - left)) < 3
        looked_at += 1
    assert looked_at > 100


def test_close_ups_tell_a_break_from_none_within_one_picture(pictures):
    """Also of ``boxes``, where every picture is broken."""
    rng = np.random.default_rng(6)
    seen = set()
    for row in np.flatnonzero(pictures.boxed):
        for _ in range(40):
            corners = pictures.corners(int(row), 80)
            place = placed(pictures.pixels[row], corners, True, 64, rng)
            seen.add((pictures.rows[row].collection, place.close, place.elsewhere))
            assert not (place.elsewhere and len(place.corners))
    for name in ("boxes", "fracatlas"):
        assert {(name, False, False), (name, True, False), (name, True, True)} <= seen


def test_equal_seeds_give_equal_views(pictures):
    views = LiveViews.made(pictures, 64, 3, Device("cpu"))
    rows = np.arange(8)
    one, same, other = views(rows, rows), views(rows, rows), views(rows, rows + 1)
    assert torch.equal(one.maps, same.maps)
    assert not torch.equal(one.maps, other.maps)
    assert one.maps.shape == (8, 3, 64, 64) and torch.isfinite(one.maps).all()
    assert float(one.maps.std()) > 0.2


def test_two_looks_that_differ_cost_and_those_that_are_not_alike_do_not():
    scores, ones = torch.tensor([1.0, 2.0, 1.0, 5.0]), torch.ones(4)
    assert float(consistency_loss(scores, ones, ones)) == pytest.approx(2.5 / 2)
    for lost in (1, 3):  # the look of the second picture that has lost what it should show
        known = torch.ones(4)
        known[lost] = 0
        assert float(consistency_loss(scores, ones, known)) == 0
    labels = torch.tensor([1.0, 1.0, 1.0, 0.0])  # the second look shows another place
    assert float(consistency_loss(scores, labels, ones)) == 0
