"""What the model says of a picture or a case is read through ``triage.disclosure``.

What may be seen of a prediction has the name ``disclosed``, of a case ``disclosed_case``.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rest_framework import serializers

from config import urls
from triage import disclosure
from triage.models import Case, Prediction
from triage.models.prediction import HEAVY
from triage.worklist.case_summary import SUMMARY_FIELDS

REPOSITORY = Path(__file__).resolve().parents[2]
RAW = {
    *("predicted_class", "rival_class", "prediction_set", "fracture_probability", "call"),
    *("boxes", "focus"),
    *("indication", "not_measured_for"),
    *HEAVY,
}
# Of a case's row: what the model says of it, or what that can be read from.
OF_CASE = {
    *("call", "predicted_class", "unread_code", "unread_images", "not_assessable_images", "due_at"),
    *("deciding_prediction", "deciding_prediction_id"),
    *("get_call_display", "get_predicted_class_display", "get_unread_code_display"),
}
# The row itself, the rule, the worker that writes the row and tries a release, and the order, which shows
# nothing. Addresses name a view that is called as a column is.
INSIDE = {
    *("models", "migrations", "disclosure"),
    *("inference/worker", "worklist/case_summary.py", "web/urls.py"),
    "api/examples.py",  # of the schema: no row is read there
    # The table of waits has a column that is called as one of a case is.
    *("worklist/wait_rules.py", "api/site_rules.py", "api/site_rule_serializers.py"),
}
# "call" is a word of manifests and of REST too, so it is looked for in queries only.
NAMED = OF_CASE - {"call"}
QUERIES = {
    *("filter", "exclude", "order_by", "values", "values_list", "only", "annotate", "aggregate"),
    *("Q", "F", "Key"),
}
TRIAGE = REPOSITORY / "triage"
OUTSIDE = [
    path
    for path in sorted(TRIAGE.rglob("*.py"))
    if not any(path.is_relative_to(TRIAGE / inside) for inside in INSIDE)
]
TEMPLATES = sorted((REPOSITORY / "templates").rglob("*.html"))


# What ``shown_to`` returned has one of these names. "rule" is a row of the table of waits, which has a column
# with the name of a case's column; "self" an object of our own.
DISCLOSED = {"disclosed", "disclosed_case", "self", "rule", "sortable"}


def is_disclosed(value: ast.expr) -> bool:
    """``disclosed.…``, ``picture.disclosed.…``, ``self.disclosed_case(case).…``, or an object of our own."""
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in DISCLOSED
        case ast.Call(func=ast.Attribute(attr=name)):
            return name == "disclosed_case"
    return False


def past_disclosure(source: str) -> Iterator[str]:
    """Attributes that hold what the model says, and names of such columns, in queries or anywhere else."""
    tree = ast.parse(source)
    shapes = {id(node) for meta in _metas(tree) for node in ast.walk(meta)}  # resolved below
    for node in ast.walk(tree):
        match node:
            # To write a new case's deadline is no reading of it.
            case ast.Attribute(value=value, attr=name, ctx=ast.Load()) if not is_disclosed(value):
                whose = ast.unparse(value)
                if name in RAW | OF_CASE or (name == "confidence" and "prediction" in whose):
                    yield f"line {node.lineno}: {whose}.{name}"
            case ast.Call(
                func=ast.Attribute(attr=method) | ast.Name(id="Q" | "F" | "Key" as method)
            ) if method != "defer":
                columns = [each.arg for each in node.keywords if each.arg]
                columns += [
                    each.value
                    for each in node.args
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                ]
                yield from (
                    f"line {node.lineno}: {method}({each})"
                    for each in columns
                    if _raw(each, method)
                )
            case ast.Constant(value=str(text)) if NAMED & set(text.strip("-").split("__")):
                if id(node) not in shapes:
                    yield f"line {node.lineno}: {text!r}"
            case ast.Call(func=ast.Name(id="DisclosedPrediction" | "DisclosedCase" as made)):
                yield f"line {node.lineno}: {made}(…), which shown_to makes"


def _metas(tree: ast.AST) -> Iterator[ast.ClassDef]:
    return (
        node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == "Meta"
    )


def _raw(column: str, method: str) -> bool:
    """Whether a query names a column of a prediction by way of another row, or one of a case."""
    parts = column.strip("-").split("__")
    if parts[0] == "manifest":  # a release's is no prediction; test_manifests counts who reads it
        return False
    if (OF_CASE if method in QUERIES else NAMED) & set(parts) or RAW & set(parts[1:]):
        return True
    return len(parts) > 1 and parts[-1] == "confidence"


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: str(path.relative_to(TRIAGE)))
def test_no_module_reads_a_prediction_past_disclosure(path):
    assert list(past_disclosure(path.read_text())) == []


# Properties of WorklistRow that read its disclosed_case.
FROM_DISCLOSED = {"row.due_at", "row.confidence"}
TAGS = re.compile(r"{[{%].*?[%}]}", re.DOTALL)
READ = re.compile(r"([\w.]+)\.(" + "|".join(sorted({*RAW, *OF_CASE, "confidence"})) + r")\b")


def shown_past_disclosure(source: str) -> Iterator[str]:
    for tag in TAGS.findall(source):
        for whose, name in READ.findall(tag):
            if whose.split(".")[-1] not in DISCLOSED and f"{whose}.{name}" not in FROM_DISCLOSED:
                yield f"{whose}.{name}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_reads_a_prediction_past_disclosure(path):
    assert list(shown_past_disclosure(path.read_text())) == []


def test_no_serializer_stands_on_the_row():
    """A ModelSerializer would show each column as it is."""
    assert urls  # imports every resource

    def below(kind: type) -> Iterator[type]:
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    models = [
        getattr(getattr(child, "Meta", None), "model", None)
        for child in below(serializers.ModelSerializer)
    ]
    assert Prediction not in models
    assert len(models) > 3


def test_no_shape_of_the_api_reads_a_case_past_disclosure():
    """Each field is resolved to what it reads, also of the shapes within a shape."""
    assert urls  # imports every resource

    def below(kind: type) -> Iterator[type]:
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    ours = [kind for kind in below(serializers.Serializer) if kind.__module__.startswith("triage.")]
    read = {
        (kind.__name__, name, source)
        for kind in ours
        for name, field in kind().fields.items()
        for source in str(field.source).split(".")
    }
    cases = {kind.__name__ for kind in ours if _is_of_a_case(kind)}
    assert len(cases) >= 3
    past = [row for row in read if row[0] in cases and row[2] in {*OF_CASE, "confidence"}]
    assert past == []


def _is_of_a_case(kind: type) -> bool:
    return getattr(getattr(kind, "Meta", None), "model", None) is Case


@pytest.mark.parametrize(
    "source",
    [
        "prediction.predicted_class",
        "case.deciding_prediction.confidence",
        "each.prediction.probabilities",
        "Case.objects.values_list('deciding_prediction__predicted_class')",
        "Case.objects.values('predictions__scores')",
        "case.call",
        "row.case.deciding_prediction_id",
        "case.get_call_display()",
        "getattr(case, 'predicted_class')",
        "Key('due_at')",
        "Case.objects.order_by('-due_at')",
        "Case.objects.filter(call__in=[0, 1])",
        "Q(case__call=0)",
        "serializers.DateTimeField(source='due_at')",
        "DisclosedCase(case, True)",
    ],
)
def test_the_rule_sees_who_goes_past(source):
    assert list(past_disclosure(source))


def test_the_rule_sees_a_template_that_goes_past():
    assert list(shown_past_disclosure("{{ review.prediction.predicted_class|class_name }}"))
    assert list(shown_past_disclosure("{% if case.due_at < now %}"))
    assert list(shown_past_disclosure("{{ case.confidence|percent }}"))
    assert not list(shown_past_disclosure("{{ picture.disclosed.predicted_class|class_name }}"))
    assert not list(shown_past_disclosure("{{ row.disclosed_case.confidence|percent }}"))


def test_every_column_that_may_be_secret_is_guarded():
    """A new column of a prediction is disclosed by the rule, or is named here as always disclosed."""
    always = {"id", "job", "image", "release", "assessable", "reason", "milliseconds", "created_at"}
    always |= {"negative_below", "positive_from", "site_points"}  # a site's setting, not a finding
    columns = {field.name for field in Prediction._meta.concrete_fields}
    assert columns - always == RAW | {"confidence"}
    kind = disclosure.DisclosedPrediction
    assert {*dir(kind), *kind.__annotations__} >= RAW | {"confidence"}


def test_every_column_of_a_case_that_may_be_secret_is_guarded():
    """What ``worklist.case_summary`` sets comes from the model, all but the deadline of the priority."""
    assert {*SUMMARY_FIELDS} - {"priority_due_at"} <= OF_CASE | {"confidence"}
