"""Templates: lines that fit on a screen, and no decision about a state."""

import re
from collections.abc import Iterator

import pytest

from tests.architecture.test_floors import REPOSITORY

TEMPLATES = REPOSITORY / "templates"
FILES = sorted(TEMPLATES.rglob("*.html"))
LONGEST_LINE = 140
MOST_BRANCHES = 3  # of one if; what has more answers is an object with a label and a class
BRANCH = re.compile(r"{%\s*(if|elif|else|endif)\b")
CONDITION = re.compile(r"{%\s*(?:el)?if\s+(.*?)\s*%}", re.DOTALL)
COMPARED = re.compile(
    r"""([\w.|]+)\s*(?:==|!=|<=?|>=?|in\b|not in\b)\s*("[^"]*"|'[^']*'|[\w.|]+)"""
)
# The tag of the box in which a template writes the name of a file.
FILE_NAME = re.compile(r"(<[a-z][^<>]*>)[^<>]*?{[{%][^{}]*\bfile_name\b")
# What a case, a prediction or a person is: an object in Python says what follows from it.
DECIDED_IN_PYTHON = {"state", "call", "priority", "urgency", "opinion", "stage"}
# (template, condition) → why it may compare with a word of its own.
EXCUSED = {
    ("account/login.html", 'field.field.widget.input_type != "checkbox"'): "a widget, no state",
    ("layout/messages.html", "message.level_tag == 'error'"): "a level of Django's messages",
    ("case/classes.html", 'role == "rival"'): "the role is a CSS class too, and stands here only",
    (
        "worklist/filters.html",
        'query.sort != "deadline"',
    ): "an order that is not the usual one is kept",
}


def decided_here(source: str) -> Iterator[str]:
    """Conditions that compare with a text, or with anything if the left side is a state."""
    for condition in CONDITION.findall(source):
        for left, right in COMPARED.findall(condition):
            names = {side.split("|")[0].split(".")[-1] for side in (left, right)}
            is_form = left.startswith("given.") or right.startswith("given.")
            if right[0] in "\"'" or (names & DECIDED_IN_PYTHON and not is_form):
                yield condition


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_template_compares_states(path):
    name = path.relative_to(TEMPLATES).as_posix()
    conditions = decided_here(path.read_text())
    assert [condition for condition in conditions if (name, condition) not in EXCUSED] == []


def test_every_excuse_is_still_needed():
    found = {
        (path.relative_to(TEMPLATES).as_posix(), condition)
        for path in FILES
        for condition in decided_here(path.read_text())
    }
    assert EXCUSED.keys() <= found


def longest_choice(source: str) -> int:
    """The most branches of one ``if`` of a template: its own, each elif, and the else."""
    longest, open_ifs = 0, []
    for tag in BRANCH.findall(source):
        if tag == "if":
            open_ifs.append(1)
        elif tag == "endif":
            longest = max(longest, open_ifs.pop())
        elif open_ifs:  # an else of "for … empty" or of "ifchanged" isn't written here
            open_ifs[-1] += 1
    return longest


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_template_chooses_between_many_answers(path):
    assert longest_choice(path.read_text()) <= MOST_BRANCHES


def test_the_rule_counts_branches():
    chain = "{% if a %}{% if b %}{% endif %}{% elif c %}{% elif d %}{% else %}{% endif %}"
    assert longest_choice(chain) == 4
    assert longest_choice("{% if a %}{% endif %}{% if b %}{% else %}{% endif %}") == 2


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_line_is_longer_than_140_characters(path):
    lines = path.read_text().splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > LONGEST_LINE] == []


@pytest.mark.parametrize(
    "condition",
    [
        'case.state == "failed"',
        "case.priority != 2",
        "disclosed.call_value == 'doubt'",
        'row.urgency == "late" or row.urgency == "soon"',
        "case.state in closed_states",
    ],
)
def test_the_rule_sees_a_comparison_of_states(condition):
    assert list(decided_here("{% if " + condition + " %}")) != []


@pytest.mark.parametrize(
    "condition",
    [
        "panel != current",
        "panels|length > 1",
        "value in member.roles",
        "given.opinion == choice.value",
    ],
)
def test_the_rule_leaves_other_comparisons_alone(condition):
    assert list(decided_here("{% elif " + condition + " %}")) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_file_name_may_break_anywhere(path):
    """Its class says so: a long name without a blank would be wider than a phone."""
    boxes = FILE_NAME.findall(path.read_text())
    assert [box for box in boxes if 'class="file-name' not in box] == []


def test_the_rule_sees_the_box_of_a_file_name():
    line = '<li class="file-name">{{ job.file_name }}</li><h1>{% firstof case.x job.file_name %}'
    assert FILE_NAME.findall(line) == ['<li class="file-name">', "<h1>"]
