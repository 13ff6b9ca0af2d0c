"""An opinion is of a case: a picture is a label for training only where it is known to be of that one."""

import csv

import pytest

from tests.factories import make_case
from training.datasets.bones import read_bones
from triage.models import Case
from triage.report.training_set import export_training_set
from triage.review.opinion import GivenOpinion
from triage.review.services import sign

pytestmark = pytest.mark.usefixtures("storage", "db")


def rows_of(folder) -> list[dict[str, str]]:
    with (folder / "multi-region" / "manifest.csv").open(newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: (row["class"], row["side"]))


@pytest.mark.parametrize("known", ["agreed", "drawn", "nothing"])
def test_a_picture_is_fractured_only_where_the_opinion_is_known_to_be_of_it(
    site, people, tmp_path, known
):
    """ "Agree" with the second picture said nothing of the first, which was exported as a spiral too."""
    case = make_case(site, people.clinician, images=2, top="spiral")
    for image, side in zip(case.images.all(), ("L", "R"), strict=True):
        type(image).objects.filter(pk=image.pk).update(side=side)
    prediction = case.images.get(position=2).predictions.get()
    Case.objects.filter(pk=case.pk).update(deciding_prediction=prediction)
    drawn = {"image": 2, "x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2}
    given = {
        "agreed": GivenOpinion(agrees=True, displaced=False),
        "drawn": GivenOpinion("certain", ("spiral",), displaced=False, places=(drawn,)),
        "nothing": GivenOpinion("certain", ("spiral",), displaced=False),
    }[known]
    sign(case=case, reader=people.reviewer, given=given, prediction_id=prediction.pk)
    exported = export_training_set(folder=tmp_path / "out")
    elsewhere = "fractured-in-some-picture"
    if known == "nothing":
        assert exported.by_class == {elsewhere: 2}
    else:
        assert exported.by_class == {"fractured": 1, "Spiral": 1, elsewhere: 1}
    rows = rows_of(tmp_path / "out")
    assert {(row["fracture"], row["types"], row["displaced"], row["old"]) for row in rows} == {
        ("certain", "spiral", "no", "")
    }
    assert {row["side"] for row in rows if row["of_picture"] == "1"} == (
        set() if known == "nothing" else {"R"}
    )
    bones = read_bones(tmp_path / "out" / "multi-region", complete=False)
    assert [row.label for row in bones] == [1] * (known != "nothing")


@pytest.mark.parametrize(
    ("given", "folder"),
    [
        (GivenOpinion("possible", ("spiral",)), "possibly-fractured"),
        (GivenOpinion("certain", ("spiral",), old=True), "old-fracture"),
        (GivenOpinion("possible", ("spiral",), old=True), "possibly-fractured"),
    ],
)
def test_what_is_possible_or_old_is_told_apart_and_nothing_learns_from_it(
    site, people, tmp_path, given, folder
):
    case = make_case(site, people.clinician)
    sign(case=case, reader=people.reviewer, given=given)
    assert export_training_set(folder=tmp_path / "out").by_class == {folder: 1}
    (row,) = rows_of(tmp_path / "out")
    assert (row["fracture"], row["types"], row["of_picture"]) == (given.fracture, "spiral", "1")
    assert row["old"] == ("yes" if given.old else "")
    assert read_bones(tmp_path / "out" / "multi-region", complete=False) == []
    assert not (tmp_path / "out" / "bone-break").exists()
