"""Every field and every parameter of the API is described, with an example of what it may hold."""

from collections.abc import Iterator
from inspect import cleandoc
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework import serializers
from rest_framework.views import APIView

from triage.api import internal_words

EXAMPLE = "Example: `"  # in the words of what a form or an address takes (``with_example``)


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(public=True)


def component(schema: dict[str, Any], field: dict[str, Any]) -> str:
    """The name of the object that the field holds, or holds many of; "" for anything else."""
    inner = field.get("items", field)
    references = [inner, *inner.get("allOf", []), *inner.get("oneOf", [])]
    names = [each["$ref"].rpartition("/")[2] for each in references if "$ref" in each]
    objects = schema["components"]["schemas"]
    return next((name for name in names if "properties" in objects.get(name, {})), "")


def forms(schema: dict[str, Any]) -> set[str]:
    """Components that are sent as a form."""
    return {
        content["schema"]["$ref"].rpartition("/")[2]
        for path in schema["paths"].values()
        for operation in path.values()
        for media, content in operation.get("requestBody", {}).get("content", {}).items()
        if media == "multipart/form-data"
    }


def poor_fields(schema: dict[str, Any]) -> Iterator[str]:
    """What the document says too little of. The fields of an object have examples of their own."""
    in_forms = forms(schema)
    for name, parts in schema["components"]["schemas"].items():
        for field_name, field in parts.get("properties", {}).items():
            words = field.get("description", "")
            has_example = "example" in field or component(schema, field)
            if name in in_forms:
                # The page of the API fills in an example, or what it makes up where there is none.
                begins_empty = field.get("items", {}).get("format") == "binary" or (
                    field.get("example") in ("", [], False)
                )
                has_example = EXAMPLE in words and begins_empty
            if not (words and has_example):
                yield f"{name}.{field_name}"


def poor_parameters(schema: dict[str, Any]) -> Iterator[str]:
    for path in schema["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", []):
                if EXAMPLE not in parameter.get("description", ""):
                    yield f"{operation['operationId']}: {parameter['name']}"


def test_every_field_says_what_it_means_and_what_it_may_hold(schema):
    assert len(schema["components"]["schemas"]) > 30
    assert list(poor_fields(schema)) == []


def test_every_parameter_says_what_it_means_and_what_it_may_be(schema):
    assert list(poor_parameters(schema)) == []


def words_of(schema: dict[str, Any], field: dict[str, Any]) -> set[Any]:
    """The words that the field may have; empty where it is free."""
    inner = field.get("items", field)
    found = set(inner.get("enum", []))
    for reference in [inner, *inner.get("allOf", []), *inner.get("oneOf", [])]:
        name = reference.get("$ref", "").rpartition("/")[2]
        found |= set(schema["components"]["schemas"].get(name, {}).get("enum", []))
    return found


def test_an_example_is_one_of_the_words(schema):
    wrong = [
        f"{name}.{field_name}: {field['example']}"
        for name, parts in schema["components"]["schemas"].items()
        for field_name, field in parts.get("properties", {}).items()
        if field.get("example") not in (None, "") and (words := words_of(schema, field))
        for example in (field["example"] if field.get("type") == "array" else [field["example"]])
        if example not in words
    ]
    assert wrong == []


@pytest.mark.parametrize("field", [{"type": "string"}, {"type": "string", "description": "x"}])
def test_the_rule_sees_a_poor_field(field):
    poor = {"paths": {}, "components": {"schemas": {"Case": {"properties": {"side": field}}}}}
    assert list(poor_fields(poor)) == ["Case.side"]


def own_words(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each component and each operation with its description."""
    for name, parts in schema["components"]["schemas"].items():
        yield name, parts.get("description", "")
    for path in schema["paths"].values():
        for operation in path.values():
            yield operation["operationId"], operation.get("description", "")


def test_no_base_class_speaks_to_clients(schema):
    """What stands in one is for us, and a class without words of its own would be described by it."""
    classes = [*internal_words.doc_excludes(), APIView, serializers.Serializer]
    ours = {cleandoc(base.__doc__) for base in classes if base.__module__.startswith("triage.")}
    assert len(ours) >= 6
    assert [name for name, words in own_words(schema) if words in ours] == []
