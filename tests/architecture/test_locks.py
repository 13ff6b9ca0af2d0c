"""Row locks: FOR NO KEY UPDATE everywhere, since a plain FOR UPDATE deadlocks with rows that reference it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("accounts", "triage", "config")

# "path: function" → why a lock without no_key can't meet an insert that references its row.
EXCUSED = {
    "triage/inference/health.py: beat": "nothing references a heartbeat, and its transaction has one row",
    "triage/inference/reassign.py: _lock": "(image, release) is a key and changes; only a prediction "
    "references a job, and its worker holds the job before",
}
PLAIN = re.compile(r"\bSELECT\b.*\bFOR\s+UPDATE\b", re.DOTALL)
# Both lock the row that they find by a plain FOR UPDATE of their own.
HIDDEN = {"update_or_create", "aupdate_or_create"}


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Each method call in a file, with the name of the function around it."""

    def walk(node: ast.AST, function: str) -> Iterator[tuple[str, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            inside = child.name if isinstance(child, ast.FunctionDef) else function
            if isinstance(child, ast.Call) and isinstance(child.func, ast.Attribute):
                yield inside, child
            yield from walk(child, inside)

    yield from walk(ast.parse(path.read_text()), "")


def locks_the_key(call: ast.Call) -> bool:
    name = call.func.attr
    no_key = any(
        keyword.arg == "no_key" and isinstance(keyword.value, ast.Constant) and keyword.value.value
        for keyword in call.keywords
    )
    return name in HIDDEN or (name == "select_for_update" and not no_key)


def found(packages: tuple[str, ...]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for package in packages:
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            for function, call in calls(path):
                if locks_the_key(call):
                    place = f"{path.relative_to(REPOSITORY)}: {function}"
                    places.setdefault(place, []).append(call.lineno)
    return places


def test_every_row_lock_leaves_the_key_alone():
    places = {place: lines for place, lines in found(PACKAGES).items() if place not in EXCUSED}
    assert places == {}, "Say select_for_update(no_key=True), or why not in EXCUSED."


def test_every_excuse_is_still_needed():
    assert EXCUSED.keys() <= found(PACKAGES).keys()


def test_raw_sql_takes_no_plain_row_lock():
    plain = [
        str(path.relative_to(REPOSITORY))
        for package in PACKAGES
        for path in (REPOSITORY / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and PLAIN.search(str(node.value))
    ]
    assert plain == []
