"""Modules that are served as one: the viewer is fetched with two requests, and is small.

Each module becomes a function of its own, in the order in which they need each other, so that names never
meet. What is joined is our own code, written as the house writes it: imports and exports stand alone at the
start of a line.
"""

import posixpath
import re
from collections.abc import Callable, Iterator

# Each is joined with what it imports from these places.
JOINED = ("js/viewer/viewer.js", "js/viewer/reader.js")
_PARTS = ("js/viewer/", "js/rendition.js")
_IMPORT = re.compile(r'^import \{ ([^}]+) \} from "(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+))", re.MULTILINE)
# Comments of whole lines, and at the end of one.
_COMMENT = re.compile(r"""^[ \t]*//.*\n|[ \t]+// [^"'`\n]*$""", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)

Source = Callable[[str], str]


def joined(entry: str, source: Source) -> str:
    """``entry`` with all that it is joined with; ``source`` gives a module by its name."""
    order = list(dict.fromkeys(_needed(entry, source)))
    outside: dict[str, dict[str, None]] = {}
    parts = [_as_function(name, source(name), outside) for name in order]
    folder = posixpath.dirname(entry)
    imports = [
        f'import {{ {", ".join(names)} }} from "{_relative(name, folder)}";\n'
        for name, names in outside.items()
    ]
    exported = ", ".join(_EXPORT.findall(source(entry)))
    last = f"export const {{ {exported} }} = {_called(entry)};\n" if exported else ""
    return "".join([*imports, *parts, last])


def imports_of(name: str, source: Source) -> Iterator[tuple[str, str]]:
    """(names, module) of each import."""
    for names, relative in _IMPORT.findall(source(name)):
        yield names, posixpath.normpath(posixpath.join(posixpath.dirname(name), relative))


def _needed(name: str, source: Source) -> Iterator[str]:
    for _names, imported in imports_of(name, source):
        if imported.startswith(_PARTS):
            yield from _needed(imported, source)
    yield name


def _as_function(name: str, text: str, outside: dict[str, dict[str, None]]) -> str:
    def taken(found: re.Match[str]) -> str:
        imported = posixpath.normpath(posixpath.join(posixpath.dirname(name), found[2]))
        if imported.startswith(_PARTS):
            return f"const {{ {found[1]} }} = {_called(imported)};\n"
        outside.setdefault(imported, {}).update(dict.fromkeys(found[1].split(", ")))
        return ""

    body = _EXPORT.sub("", _IMPORT.sub(taken, text))
    body = _INDENT.sub("", _COMMENT.sub("", body))
    exported = ", ".join(_EXPORT.findall(text))
    return f"const {_called(name)} = (() => {{\n{body}return {{ {exported} }};\n}})();\n"


def _called(name: str) -> str:
    return f"${posixpath.basename(name).removesuffix('.js')}"


def _relative(name: str, folder: str) -> str:
    return posixpath.relpath(name, folder)
