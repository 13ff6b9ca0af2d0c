"""What the model says of a picture is read through ``triage.disclosure``, by the name ``told``."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rest_framework import serializers

from config import urls
from triage import disclosure
from triage.models import Prediction
from triage.models.prediction import HEAVY

REPOSITORY = Path(__file__).resolve().parents[2]
RAW = {
    *("top_class", "rival_class", "prediction_set", "fracture_probability", "call"),
    *("boxes", "focus"),
    *("indication", "not_measured_for"),
    *HEAVY,
}
# The row itself, the rule, the worker that writes the row and tries a release, and the order, which shows
# nothing. Addresses name a view that is called as a column is.
INSIDE = {
    *("models", "migrations", "disclosure.py"),
    *("inference/worker", "worklist/deciding.py", "web/urls.py"),
}
TRIAGE = REPOSITORY / "triage"
OUTSIDE = [
    path
    for path in sorted(TRIAGE.rglob("*.py"))
    if not any(path.is_relative_to(TRIAGE / inside) for inside in INSIDE)
]
TEMPLATES = sorted((REPOSITORY / "templates").rglob("*.html"))


def is_told(value: ast.expr) -> bool:
    """``told.…``, ``picture.told.…``, ``tell(…).…``, or the field of an object of our own."""
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in {"told", "self"}
        case ast.Call(func=ast.Name(id="tell")):
            return True
    return False


def past_the_door(source: str) -> Iterator[str]:
    """Attributes of a prediction, and columns of its row that a query names."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=value, attr=name) if not is_told(value):
                whose = ast.unparse(value)
                if name in RAW or (name == "confidence" and "prediction" in whose):
                    yield f"line {node.lineno}: {whose}.{name}"
            case ast.Call(func=ast.Attribute(attr=method)) if method != "defer":
                columns = [each.arg for each in node.keywords if each.arg]
                columns += [
                    each.value
                    for each in node.args
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                ]
                for column in columns:
                    parts = column.split("__")
                    # A release's manifest is no prediction; test_manifests counts who reads it.
                    if parts[0] == "manifest":
                        continue
                    if RAW & set(parts[1:]) or (len(parts) > 1 and parts[-1] == "confidence"):
                        yield f"line {node.lineno}: {method}({column})"


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: str(path.relative_to(TRIAGE)))
def test_no_module_reads_a_prediction_past_the_door(path):
    assert list(past_the_door(path.read_text())) == []


TAGS = re.compile(r"{[{%].*?[%}]}", re.DOTALL)
READ = re.compile(r"([\w.]+)\.(" + "|".join(sorted({*RAW, "confidence"})) + r")\b")


def shown_past_the_door(source: str) -> Iterator[str]:
    for tag in TAGS.findall(source):
        for whose, name in READ.findall(tag):
            # The case's own confidence is safe: a constraint keeps it with a class that is told.
            if whose.split(".")[-1] != "told" and (whose, name) != ("case", "confidence"):
                yield f"{whose}.{name}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_reads_a_prediction_past_the_door(path):
    assert list(shown_past_the_door(path.read_text())) == []


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


@pytest.mark.parametrize(
    "source",
    [
        "prediction.top_class",
        "case.deciding_prediction.confidence",
        "each.prediction.probabilities",
        "Case.objects.values_list('deciding_prediction__top_class')",
        "Case.objects.values('predictions__scores')",
    ],
)
def test_the_rule_sees_who_goes_past(source):
    assert list(past_the_door(source))


def test_the_rule_sees_a_template_that_goes_past():
    assert list(shown_past_the_door("{{ review.prediction.top_class|class_name }}"))
    assert not list(shown_past_the_door("{{ picture.told.top_class|class_name }}"))


def test_every_column_that_may_be_secret_is_behind_the_door():
    """A new column of a prediction is told by the rule, or is named here as always told."""
    always = {"id", "job", "image", "release", "assessable", "reason", "milliseconds", "created_at"}
    always |= {"negative_below", "positive_from", "site_points"}  # a site's setting, not a finding
    columns = {field.name for field in Prediction._meta.concrete_fields}
    assert columns - always == RAW | {"confidence"}
    assert set(dir(disclosure.Told)) >= RAW | {"confidence"}
