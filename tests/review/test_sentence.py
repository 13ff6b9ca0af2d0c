"""A signed opinion in words, at a glance."""

import pytest

from triage.review.opinion import GivenOpinion
from triage.review.sentence import quoted, sentence


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            GivenOpinion("certain", ("spiral",), displaced=True, old=False),
            "Fracture, certain: spiral, displaced. Old: no.",
        ),
        (
            GivenOpinion("possible", ("comminuted", "oblique"), displaced=False, old=True),
            "Fracture, possible: comminuted, oblique, not displaced. Old: yes.",
        ),
        (GivenOpinion("certain", agrees=True), "Fracture, certain: type not named."),
        (GivenOpinion("none"), "No fracture."),
        (GivenOpinion("not_assessable", comment="Blurred"), "Not assessable."),
        (GivenOpinion("none", other_finding="Effusion"), "No fracture. Other finding: Effusion."),
        (GivenOpinion("none", other_finding="Effusion!"), "No fracture. Other finding: Effusion!"),
        # Drafts, unfinished or contradictory.
        (GivenOpinion(), ""),
        (GivenOpinion(comment="Hm."), ""),
        (GivenOpinion(classes=("spiral",)), "spiral."),
        (GivenOpinion("none", ("bent",)), "No fracture: bent."),
    ],
)
def test_an_opinion_in_words(given, words):
    assert sentence(given) == words


@pytest.mark.parametrize(
    ("typed", "words"), [("she left", "“she left”."), ("She left.", "“She left.”"), ("?", "“?”")]
)
def test_what_a_person_typed_is_quoted_and_ended(typed, words):
    """Another sentence of the page may follow it."""
    assert quoted(typed) == words
