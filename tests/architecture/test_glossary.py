"""The glossary's table: in order, one line a word, and what it points at is there."""

import re

import pytest

from tests.architecture.test_floors import REPOSITORY

PAGE = REPOSITORY / "docs" / "glossary.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text().splitlines()
    if line.startswith("| ") and not line.startswith(("| word |", "| --- |"))
]


def is_there(place: str) -> bool:
    """Whether a path exists, or a dotted name: its longest part is a module, and the rest stands in it.

    Nothing is imported: training's modules load PyTorch.
    """
    if (REPOSITORY / place).exists():
        return True
    parts = place.split(".")
    for end in range(len(parts), 0, -1):
        module = REPOSITORY.joinpath(*parts[:end])
        for file in (module.with_suffix(".py"), module / "__init__.py"):
            if file.exists():
                source = file.read_text()
                return all(re.search(rf"\b{name}\b", source) for name in parts[end:])
    return False


def test_there_is_one_row_a_word_in_alphabetical_order():
    words = [row[0].casefold() for row in ROWS]
    assert len(words) > 30
    assert words == sorted(set(words))
    assert all(len(row) == 3 and row[1] for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_word_is_where_the_glossary_says(row):
    places = re.findall(r"`([^`]+)`", row[2])
    assert places
    assert [place for place in places if not is_there(place)] == []


def test_a_place_that_is_not_there_is_seen():
    assert is_there("triage.models.case.Case.due_at")
    assert not is_there("triage.models.case.Case.deadline_of_old")
    assert not is_there("triage.models.cases")
    assert not is_there("docs/words.md")
