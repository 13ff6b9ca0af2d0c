"""``{% module "js/case.js" %}``: a script, and links by which a browser fetches its imports at once."""

import posixpath
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

Source = Callable[[str], str]  # the text of a module by its name
Served = Callable[[str, Source], str]  # the same as the storage serves it
register = template.Library()
# At the start of a line, as all of ours stand: `import "./forms.js"`, `import { a, b } from "./a.js"`,
# `export { a } from "./a.js"`.
_IMPORTED = re.compile(r'^(?:import|export)\s(?:[^"\';]*?\sfrom\s)?\s*"(\.[^"]+)";', re.MULTILINE)


@register.simple_tag
def module(name: str) -> SafeString:
    """Without the links, a browser would learn of each module from the one that imports it, in turn."""
    links = format_html_join(
        "\n    ",
        '<link rel="modulepreload" href="{}">',
        ((static(imported),) for imported in imported_by(name)),
    )
    return format_html('{}\n    <script type="module" src="{}"></script>', links, static(name))


def imported_by(name: str) -> tuple[str, ...]:
    """Every module that ``name`` imports, and that these import, as they are served."""
    return _imported_by(name, getattr(staticfiles_storage, "as_served", _as_it_is))


@cache
def _imported_by(name: str, as_served: Served) -> tuple[str, ...]:
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        importing = waiting.pop(0)
        folder = posixpath.dirname(importing)
        for relative in _IMPORTED.findall(as_served(importing, _source)):
            imported = posixpath.normpath(posixpath.join(folder, relative))
            if imported not in found:
                found[imported] = None
                waiting.append(imported)
    return tuple(found)


def _as_it_is(name: str, source: Source) -> str:
    return source(name)


def _source(name: str) -> str:
    path = finders.find(name)
    if path is None:
        raise template.TemplateSyntaxError(f"There is no module {name}.")
    return Path(path).read_text()
