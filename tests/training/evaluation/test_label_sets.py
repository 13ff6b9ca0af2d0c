"""Radiographs that are filed under several types: who scores them, what is kept of them, what is told."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from classifier.labels import CLASSES
from tests.training.evaluation.score_tables import drawn_conflicts, drawn_run, drawn_scores
from training.datasets.training_data import read_training_data
from training.errors import TrainingError
from training.evaluation.conflicts import FILE, Conflicts
from training.evaluation.evaluate import evaluate
from training.evaluation.figures.label_sets import label_set_figures
from training.evaluation.figures.types import types_figures
from training.evaluation.scores import RunScores
from training.fitting import fit as fitting
from training.fitting.run import Run
from training.fitting.splits import splits
from training.publishing.card.label_sets import label_sets_section, limit
from training.publishing.figure_labels import interval, value
from training.publishing.measured_release import refuse_seen
from training.storage.atomic import save_arrays
from training.storage.files import read_arrays


@pytest.fixture(scope="module")
def recipe(trained):
    return replace(
        trained.recipe, repeats=2, epochs=1, members=1, views=1, fracture_epochs=0, mirrored=False
    )


@pytest.fixture(scope="module")
def data(trained, recipe):
    """The first picture of each of six classes, and one more of the first one's group, bear the next too.
    They are neither trained on nor counted in the figures of the types.
    """
    found = read_training_data(trained.data, recipe, [], False)
    rows = list(found.types.rows)
    firsts = [next(at for at, row in enumerate(rows) if row.label == label) for label in range(6)]
    for at in (*firsts, firsts[0] + 1):
        row = rows[at]
        sets = (row.label, row.label + 1)
        rows[at] = replace(row, usable=False, trainable=False, conflict=True, label_set=sets)
    return replace(found, types=replace(found.types, rows=rows))


@pytest.fixture(scope="module")
def run(recipe, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("conflicts")
    fitting.fit(Run.begin(recipe, data, folder, False))
    return folder


def test_they_are_held_out_with_their_group_once_a_repeat_and_by_no_other_part(recipe, data):
    types, every = data.types, list(splits(recipe, data))
    times = np.zeros(len(types))
    for part in every:
        learnt = set(types.groups[part.train])
        assert not learnt & set(types.groups[part.conflicts_test]), part.name
        assert not (part.test & part.conflicts_test).any() or part.name == "shipped"
        times += part.conflicts_test
    assert np.array_equal(times, recipe.repeats * types.label_sets.any(1))
    assert not any(part.conflicts_test.any() for part in every if "fold" not in part.name)


def test_where_label_sets_teach_no_fold_learns_from_those_that_it_scores(recipe, data):
    all_trainable = [replace(row, trainable=True) for row in data.types.rows]
    types = replace(data.types, rows=all_trainable)
    found = list(splits(replace(recipe, label_sets=True), replace(data, types=types)))
    assert any(part.conflicts_test.any() for part in found)
    for part in found:
        assert not set(types.groups[part.train]) & set(types.groups[part.conflicts_test])


def test_a_run_scores_them_by_the_networks_of_their_folds(run, recipe, data):
    conflicts, types = (getattr(RunScores.of_run(run), name) for name in ("conflicts", "types"))
    assert len(conflicts) == 7 * recipe.repeats
    assert not set(conflicts.ids) & set(types.ids)
    rows = {row.sha256[:16]: row for row in data.types.rows}
    part_of = {part.name: part for part in splits(recipe, data)}
    for at, picture in enumerate(conflicts.ids):
        row = rows[picture]
        assert tuple(np.flatnonzero(conflicts.labels[at])) == row.label_set
        assert conflicts.groups[at] == row.group
        assert np.ptp(conflicts.logits[at]) > 0
        part = part_of[f"repeat-{conflicts.repeats[at]}-fold-{conflicts.folds[at]}"]
        assert row.group not in data.types.groups[part.train]


def test_a_run_with_folds_from_before_has_none_of_them(run, tmp_path):
    for path in run.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    before = tmp_path / "repeat-1-fold-0.npz"
    arrays = read_arrays(before)
    save_arrays(before, {key: held for key, held in arrays.items() if "conflicts" not in key})
    found = RunScores.of_run(tmp_path)
    assert len(found.conflicts) == 0
    assert len(found.types) == len(RunScores.of_run(run).types)
    assert evaluate(found, resamples=20)["label_sets"] is None


def test_a_call_is_right_if_it_names_any_of_the_labels():
    """Two radiographs of one type and two of several, in two repeats."""
    types = drawn_scores(2, repeats=2)
    types = replace(types, labels=np.array([3, 4, 3, 4]), logits=np.eye(10)[[3, 5, 3, 5]])
    conflicts = drawn_conflicts(2, repeats=2)
    labels = np.zeros((4, 10), bool)
    labels[:, [7, 8]] = labels[1::2, [1]] = True
    conflicts = replace(conflicts, labels=labels, logits=np.eye(10)[[8, 1, 8, 2]])
    found = label_set_figures(types, conflicts, 0, 50)
    assert found["accuracy"]["value"] == pytest.approx((3 / 4 + 2 / 4) / 2)
    assert found["accuracy_on_conflicts"]["value"] == pytest.approx((1 + 1 / 2) / 2)
    assert (found["pictures"], found["conflicts"], found["labels"]) == (4, 2, 2.5)


def test_the_figure_is_that_of_both_tables_and_lies_in_its_interval():
    types, conflicts = drawn_scores(repeats=2), drawn_conflicts(repeats=2)
    found = label_set_figures(types, conflicts, 0, 200)
    named = conflicts.labels[np.arange(len(conflicts)), conflicts.logits.argmax(1)]
    own = types_figures(types, 0, 20)["accuracy"]["value"]
    together = (600 * own + 30 * named.mean()) / 630
    assert found["accuracy"]["value"] == pytest.approx(together, abs=1e-5)
    assert found["accuracy_on_conflicts"]["value"] == pytest.approx(named.mean(), abs=1e-6)
    for name in ("accuracy", "accuracy_on_conflicts"):
        low, high = found[name]["interval"]
        assert low < found[name]["value"] < high
    assert found["groups"] == 300 + found["groups_of_conflicts"] == 315


def test_a_resample_that_draws_none_of_them_says_nothing_of_them():
    found = label_set_figures(drawn_scores(40), drawn_conflicts(2), 0, 50)
    low, high = found["accuracy_on_conflicts"]["interval"]
    assert 0 <= low <= high <= 1


def test_they_change_none_of_the_other_figures():
    run = drawn_run()
    with_them = evaluate(run, resamples=20)
    without = evaluate(replace(run, conflicts=Conflicts.none()), resamples=20)
    assert with_them["label_sets"] is not None
    assert without["label_sets"] is None
    assert {**with_them, "label_sets": None} == without


def test_the_table_reads_as_it_was_written_and_names_the_labels(tmp_path):
    conflicts = drawn_conflicts(repeats=2)
    conflicts.write(tmp_path)
    line = (tmp_path / FILE).read_text().splitlines()[1].split(",")
    assert line[4].split() == [CLASSES[label] for label in np.flatnonzero(conflicts.labels[0])]
    again = Conflicts.read(tmp_path / FILE)
    assert np.array_equal(again.labels, conflicts.labels)
    assert np.allclose(again.logits, conflicts.logits, atol=1e-4)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.partition("\n")[0] + "\n",
        lambda text: re.sub(r",(\w+) \w+,", r",\1 oblong,", text, count=1),
        lambda text: text.replace("labels", "label"),
        lambda text: text[: len(text) // 2],
        lambda text: re.sub(r",(\w+) \w+,", r",\1,", text, count=1),
    ],
)
def test_a_damaged_table_is_one_sentence(tmp_path, damage):
    run = drawn_run()
    run.write(tmp_path)
    path = tmp_path / FILE
    path.write_text(damage(path.read_text()))
    with pytest.raises(TrainingError, match=r"scores_conflicts\.csv is damaged"):
        RunScores.read(tmp_path)


def test_a_release_without_the_table_says_nothing_of_them_and_one_with_it_both_figures():
    metrics = evaluate(drawn_run(), resamples=50)
    told, found = label_sets_section(metrics), metrics["label_sets"]
    for key, pictures in (("accuracy", 630), ("accuracy_on_conflicts", 30)):
        row = f"| {pictures} | {value(key, found[key])} | {interval(key, found[key])} |"
        assert told.count(row) == 1
    manifest = {"config": {"label_sets": False}, "metrics": metrics}
    assert "accuracy against label sets" in limit(manifest)
    for key in ("None", "gone"):
        metrics = {**metrics, "label_sets": None}
        if key == "gone":
            del metrics["label_sets"]
        assert label_sets_section(metrics) == ""
        assert "left out" in limit({**manifest, "metrics": metrics})


def test_a_picture_of_them_is_no_measurement_elsewhere(tmp_path):
    run, release = drawn_run(), SimpleNamespace(folder=tmp_path, title="drawn")
    run.write(tmp_path)
    refuse_seen(release, {"0" * 15 + "x"})
    with pytest.raises(TrainingError, match=run.conflicts.ids[0]):
        refuse_seen(release, {run.conflicts.ids[0]})
