"""The changes that make a mutant of a module."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_OTHER: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


@dataclass(frozen=True)
class Mutation:
    """``change``: what it is, in words. ``apply`` changes the tree that the mutation was found in."""

    line: int
    change: str
    apply: Callable[[], None]


def mutations(source: str) -> list[Mutation]:
    """All of a module, in the order of its lines. Each belongs to one tree, and is applied at most once."""
    return mutations_of(ast.parse(source))


def mutations_of(tree: ast.Module) -> list[Mutation]:
    found = [mutation for body in _bodies(tree) for mutation in body]
    return sorted(found, key=lambda mutation: (mutation.line, mutation.change))


def _bodies(tree: ast.Module) -> Iterator[Iterator[Mutation]]:
    """Code in functions. What stands beside them is names, types and tables, read before any test."""
    inside: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node not in inside:
            inside.update(ast.walk(node))
            yield _left_out(node.body)
            for statement in node.body:
                for part in ast.walk(statement):
                    yield _at(part)


def _at(node: ast.AST) -> Iterator[Mutation]:
    match node:
        case ast.Compare(ops=[operator]):
            yield _changed(node, operator, lambda other: setattr(node, "ops", [other]))
        case ast.BoolOp():
            yield _changed(node, node.op, lambda other: setattr(node, "op", other))
        case ast.UnaryOp(op=ast.Not()):
            yield Mutation(node.lineno, f"without not in {_text(node)}", lambda: _twice(node))
        case ast.Constant(value=bool() as value):
            yield Mutation(node.lineno, f"{value} → {not value}", lambda: _set(node, not value))
        case ast.Constant(value=int() | float() as number):
            yield Mutation(node.lineno, f"{number} → {number + 1}", lambda: _set(node, number + 1))
        case ast.If() | ast.IfExp() if not isinstance(node.test, ast.Compare):
            yield Mutation(
                node.test.lineno, f"if {_text(node.test)} → if not", lambda: _negate(node)
            )
    for field in ("body", "orelse", "finalbody"):
        statements = getattr(node, field, None)
        if isinstance(statements, list):
            yield from _left_out(statements)


def _left_out(statements: list[ast.stmt]) -> Iterator[Mutation]:
    """Calls for their effect, and refusals."""
    for index, statement in enumerate(statements):
        is_call = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
        if is_call or isinstance(statement, ast.Raise):

            def leave_out(index: int = index) -> None:
                statements[index] = ast.copy_location(ast.Pass(), statements[index])

            yield Mutation(statement.lineno, f"without {_text(statement)}", leave_out)


def _changed(node: ast.expr, operator: ast.AST, put: Callable[[ast.AST], None]) -> Mutation:
    other = _OTHER[type(operator)]
    names = f"{type(operator).__name__} → {other.__name__}"
    return Mutation(node.lineno, f"{names} in {_text(node)}", lambda: put(other()))


def _set(node: ast.Constant, value: bool | float) -> None:
    node.value = value


def _negate(node: ast.If | ast.IfExp) -> None:
    node.test = ast.copy_location(ast.UnaryOp(ast.Not(), node.test), node.test)


def _twice(node: ast.UnaryOp) -> None:
    """``not not``: the ``not`` is gone, and the value is still a bool."""
    node.operand = ast.copy_location(ast.UnaryOp(ast.Not(), node.operand), node.operand)


def _text(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:70]
