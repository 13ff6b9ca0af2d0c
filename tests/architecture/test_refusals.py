"""Refusals are one family, and what HTTP status each has is decided in one place."""

import ast
from pathlib import Path

import pytest

from accounts.refusals import Conflict, NotPermitted, Refused, Unprocessable
from accounts.services.tries import TooManyTries
from triage.intake.errors import IntakeRefused

REPOSITORY = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for package in ("accounts", "triage")
    for path in (REPOSITORY / package).rglob("*.py")
    if "migrations" not in path.parts
)
FAMILY = {"Refused", "NotPermitted", "Conflict", "Unprocessable", "TooManyTries", "IntakeRefused"}


def sorted_by_class(source: str) -> list[int]:
    """Lines that ask which refusal it is, other than for what only one of them carries."""
    shared = {"Refused", "NotPermitted", "Conflict", "Unprocessable"}
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "isinstance"
        and {name.id for name in ast.walk(node.args[1]) if isinstance(name, ast.Name)} & shared
    ]


def refusals_of_their_own(source: str) -> list[str]:
    """Classes that are named as a refusal and don't belong to the family."""
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
        and node.name.endswith("Refused")
        and node.name != "Refused"
        and not {base.id for base in node.bases if isinstance(base, ast.Name)} & FAMILY
    ]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_no_room_has_refusals_of_its_own_or_decides_their_status(path):
    assert refusals_of_their_own(path.read_text()) == []
    # The API's handler asks once whether it is a refusal at all.
    if path != REPOSITORY / "triage/api/errors.py":
        assert sorted_by_class(path.read_text()) == []


def test_the_rule_sees_both():
    assert refusals_of_their_own("class PeopleRefused(Exception): pass") == ["PeopleRefused"]
    assert sorted_by_class("409 if isinstance(error, Conflict) else 400") == [1]


def test_each_refusal_has_its_status():
    statuses = {kind: int(kind.status) for kind in (Refused, NotPermitted, Conflict, Unprocessable)}
    assert statuses == {Refused: 400, NotPermitted: 403, Conflict: 409, Unprocessable: 422}
    assert int(TooManyTries.status) == 429 and int(IntakeRefused.status) == 400
