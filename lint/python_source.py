"""What can be counted in a Python file: lines, comments, functions."""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Function:
    """A function or method. ``name`` is qualified, as in ``Case.clean``; ``lines`` are without decorators."""

    name: str
    line: int
    lines: int


def functions(source: str) -> list[Function]:
    """All functions of a file, those inside others too: the outer one counts the inner one's lines."""
    return list(_below(ast.parse(source), ""))


def _below(node: ast.AST, prefix: str) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        inside = prefix
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            inside = f"{prefix}{child.name}."
            if not isinstance(child, ast.ClassDef):
                last = child.end_lineno or child.lineno
                yield Function(f"{prefix}{child.name}", child.lineno, last - child.lineno + 1)
        yield from _below(child, inside)


def comment_lines(source: str) -> int:
    """The number of lines with a comment on them. Docstrings are not comments."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return len({token.start[0] for token in tokens if token.type == tokenize.COMMENT})
