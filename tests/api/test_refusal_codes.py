"""The document names every code that an address about people may refuse with.

The codes are read from the source: from each handler through the functions that it calls.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from drf_spectacular.generators import SchemaGenerator

from tests.api.test_people_rights import GIVING
from triage.api.refusal_codes import CODES
from triage.api.urls import urlpatterns

REPOSITORY = Path(__file__).parents[2]
SERVICES = [
    *(f"accounts/services/{name}.py" for name in ("people", "permission", "tokens", "accounts")),
    "triage/api/confirming.py",
]
REFUSALS = {"Refused", "NotPermitted", "Conflict", "NoSuchToken"}
# What no request reaches over REST, and why.
UNREACHED = {
    "role_missing": "the serializer says `invalid`",
    "bad_role": "the serializer says `invalid`",
    "client_name_missing": "the serializer says `invalid`",
    "client_exists": "only a page's form chooses the id of a client",
}
# What one address doesn't reach, though the function that it shares with another does.
NOT_OF = {"end": {"own_roles", "not_own_admin"}}  # both are about who comes back
ADDRESSES = GIVING.keys() | {"api_member_end", "api_client_token"}


def functions() -> dict[str, ast.FunctionDef]:
    return {
        node.name: node
        for path in SERVICES
        for node in ast.walk(ast.parse((REPOSITORY / path).read_text()))
        if isinstance(node, ast.FunctionDef)
    }


def called(function: ast.FunctionDef) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "id", getattr(node.func, "attr", "")), node


def codes_of(function: ast.FunctionDef) -> set[str]:
    known, found, seen = functions(), set(), set()
    waiting = [function]
    while waiting:
        for name, call in called(waiting.pop()):
            if name in REFUSALS and call.args and isinstance(call.args[0], ast.Constant):
                found.add(call.args[0].value)
            if name in known and name not in seen:
                seen.add(name)
                waiting.append(known[name])
    return found


def handlers() -> Iterator[tuple[str, str, ast.FunctionDef]]:
    """Address, method and handler."""
    for pattern in urlpatterns:
        if pattern.name in ADDRESSES:
            view = pattern.callback.view_class
            path = REPOSITORY / (view.__module__.replace(".", "/") + ".py")
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef) and node.name == view.__name__:
                    for method in node.body:
                        if isinstance(method, ast.FunctionDef) and method.name in CHANGING:
                            yield f"/api/v1/{pattern.pattern}", method.name, method


CHANGING = ("post", "put", "delete")
HANDLERS = list(handlers())


@pytest.fixture(scope="module")
def responses() -> dict[tuple[str, str], dict]:
    """Path without the names of its parts, and method → the responses of the document."""
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    return {
        (plain(path), method): operation["responses"]
        for path, methods in paths.items()
        for method, operation in methods.items()
    }


def plain(path: str) -> str:
    pieces = path.replace("<", "{<").replace(">", ">}").split("/")
    return "/".join("x" if piece.startswith("{") else piece for piece in pieces)


def test_every_address_about_people_was_read():
    assert len(HANDLERS) == len(ADDRESSES) == 7
    assert codes_of(functions()["confirmed"]) == {"wrong_password"}
    assert "last_admin" in codes_of(functions()["change_roles"])


@pytest.mark.parametrize(("path", "method", "handler"), HANDLERS)
def test_the_document_names_each_code_and_no_other(responses, path, method, handler):
    told = responses[plain(path), method]
    raised = codes_of(handler) - UNREACHED.keys() - NOT_OF.get(path.rpartition("/")[2], set())
    for code in raised:
        assert f"`{code}`:" in told[str(CODES[code][0])]["description"], code
    others = CODES.keys() - raised - UNREACHED.keys()
    words = " ".join(answer.get("description", "") for answer in told.values())
    assert [code for code in others if f"`{code}`:" in words] == []
