"""What was wanted of a release stands in its card beside what was reached."""

from training.publishing.targets import HEADS, target_rows


def test_what_was_wanted_stands_beside_what_was_reached(manifest, card):
    metrics = manifest["metrics"]["detector"]
    assert f"| {' | '.join(HEADS)} |" in card
    rows = {row[0]: row for row in target_rows(manifest["metrics"])}
    auroc = metrics["fracatlas"]["auroc"]
    assert rows["FracAtlas, folds: AUROC"][1].startswith(f"{auroc['value']:.3f}")
    assert rows["FracAtlas, folds: AUROC"][2:] == ("0.92", "0.96", "aim")
    worst = metrics["fracatlas"]["worst_part"]
    assert f"the worst of hand, leg, shoulder ({worst})" in rows
    for row in rows.values():
        assert f"| {' | '.join(row)} |" in card


def test_a_figure_is_reached_by_its_value_and_a_worst_part_within_its_interval(manifest):
    metrics = manifest["metrics"]["detector"]

    def reached(value, low, high, *path):
        copy = {**metrics, "fracatlas": {**metrics["fracatlas"]}}
        figure = {"value": value, "interval": [low, high]}
        if path[0] == "auroc":
            copy["fracatlas"]["auroc"] = figure
        elif path[0] == "refused":
            copy["fracatlas"]["refused"] = figure
        else:
            copy["fracatlas"] |= {"worst_part": "leg", "parts": {"leg": {"auroc": figure}}}
        start = {"auroc": "FracAtlas, folds", "refused": "refusal: FracAtlas"}.get(
            path[0], "the worst"
        )
        rows = target_rows({**manifest["metrics"], "detector": copy})
        (row,) = (row for row in rows if row[0].startswith(start))
        return row[-1]

    assert reached(0.96, 0.9, 0.99, "auroc") == "aim"
    assert reached(0.92, 0.9, 0.95, "auroc") == "yes"
    assert reached(0.919, 0.9, 0.95, "auroc") == "**no**"
    assert reached(0.86, 0.8, 0.9, "worst") == "within its interval"
    assert reached(0.86, 0.8, 0.87, "worst") == "**no**"
    assert reached(0.01, 0.0, 0.02, "refused") == "aim"
    assert reached(0.03, 0.0, 0.04, "refused") == "yes"
    assert reached(0.031, 0.0, 0.04, "refused") == "**no**"


def test_what_was_wanted_of_types_groups_and_refusal_stands_there_too(manifest, card):
    """In one table, so that no missed bound is found in another section only."""
    metrics = manifest["metrics"]
    rows = {row[0]: row[1:] for row in target_rows(metrics)}
    for title, figure, least, aim in (
        ("ten types: accuracy", metrics["types"]["accuracy"], "46.0", "50.0"),
        ("ten types: macro-F1", metrics["types"]["macro_f1"], "43.0", "47.0"),
        (
            "ten types: true class among the first three",
            metrics["types"]["top3_accuracy"],
            "73.0",
            "80.0",
        ),
        (
            "ten types: accuracy on the surest 15 %",
            metrics["types"]["accuracy_at_15"],
            "75.0",
            "85.0",
        ),
        (
            "ten types: accuracy on the shipped Test split",
            metrics["shipped"]["all"]["accuracy"],
            "52.0",
            "60.0",
        ),
        ("four coarse groups: accuracy", metrics["coarse"]["accuracy"], "62.0", "70.0"),
        ("ten types: calibration error", metrics["types"]["ece"], "at most 5.0", "at most 4.0"),
        (
            "prediction sets: the worst class",
            metrics["types"]["set_worst_coverage"],
            "85.0",
            "87.0",
        ),
        (
            "refusal: bone radiographs",
            metrics["assessable"]["false_refusals"],
            "at most 3.0",
            "at most 2.0",
        ),
    ):
        assert rows[title][0].startswith(f"{100 * figure['value']:.1f}\u00a0%"), title
        assert rows[title][1:3] == (f"{least}\u00a0%", f"{aim}\u00a0%"), title
    size = metrics["types"]["set_size"]["value"]
    assert rows["prediction sets: classes"][0].startswith(f"{size:.3f}")
    assert rows["prediction sets: classes"][1:3] == ("at most 6", "at most 4.5")
    assert rows["refusal: AUROC"][1:3] == ("0.99", "0.995")
    assert card.index("## Targets") < card.index("## Figures: the ten types")
    assert card.count(f"| {' | '.join(HEADS)} |") == 1


def test_a_missed_bound_of_the_types_is_told_as_missed(manifest):
    metrics = {**manifest["metrics"]}
    metrics["coarse"] = {**metrics["coarse"], "accuracy": {"value": 0.61, "interval": [0.5, 0.7]}}
    metrics["types"] = {**metrics["types"], "ece": {"value": 0.051, "interval": [0.04, 0.08]}}
    rows = {row[0]: row[-1] for row in target_rows(metrics)}
    assert rows["four coarse groups: accuracy"] == "**no**"
    assert rows["ten types: calibration error"] == "**no**"
    metrics["types"]["ece"] = {"value": 0.05, "interval": [0.04, 0.08]}
    assert {row[0]: row[-1] for row in target_rows(metrics)}[
        "ten types: calibration error"
    ] == "yes"
