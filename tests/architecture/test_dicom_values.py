"""Nobody but ``classifier/dicom_header.py`` looks into a DICOM data set, where a value may have any type."""

import ast
from collections.abc import Iterator

import pytest
from pydicom.datadict import tag_for_keyword

from tests.conftest import REPOSITORY

HOLDERS = ("classifier/dicom_header.py", "classifier/dicom.py")
FILES = sorted(
    path
    for package in ("classifier", "training", "triage")
    for path in (REPOSITORY / package).rglob("*.py")
    if str(path.relative_to(REPOSITORY)) not in HOLDERS
)
DATA_SETS = {"Dataset", "FileDataset", "dcmread", "read_file", "read_dataset"}


def looks(source: str) -> Iterator[str]:
    """``data_set.Rows``, ``data_set["Rows"]``, ``data_set.get("Rows")``, ``getattr(data_set, "Rows")``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr != "UID" and tag_for_keyword(node.attr):
            yield f"line {node.lineno}: .{node.attr}"
        named: list[ast.expr] = []
        if isinstance(node, ast.Subscript):
            named = [node.slice]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("get", "getattr")):
            named = node.args
        for name in named:
            if isinstance(name, ast.Constant) and name.value and tag_for_keyword(str(name.value)):
                yield f"line {node.lineno}: {name.value}"


def data_sets(source: str) -> set[str]:
    """What hands out data sets, of what a file imports from pydicom, also for its annotations."""
    return {
        name.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "pydicom"
        for name in node.names
    } & DATA_SETS


def test_who_reads_a_file_hands_on_a_header_and_looks_at_no_value():
    assert list(looks((REPOSITORY / HOLDERS[1]).read_text())) == []


@pytest.mark.parametrize("package", ["classifier", "training", "triage"])
def test_nobody_else_has_a_data_set(package):
    found = {
        path.name: names
        for path in FILES
        if path.is_relative_to(REPOSITORY / package) and (names := data_sets(path.read_text()))
    }
    assert found == {}


@pytest.mark.parametrize(
    "look", ["header.Rows", 'header["Rows"]', 'header.get("Rows", 0)', 'getattr(header, "Rows")']
)
def test_the_rule_sees_a_look_beside_the_door(look):
    assert list(looks(look))
    assert not list(looks('header.integer("Rows")'))
    assert data_sets("from pydicom.dataset import FileDataset") == {"FileDataset"}
