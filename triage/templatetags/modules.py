"""``{% module "js/case.js" %}``: a script, and links by which a browser fetches its imports at once."""

import posixpath
import re
from functools import cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

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


@cache
def imported_by(name: str) -> tuple[str, ...]:
    """Every module that ``name`` imports, and that these import."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        importing = waiting.pop(0)
        folder = posixpath.dirname(importing)
        for relative in _IMPORTED.findall(_source(importing)):
            imported = posixpath.normpath(posixpath.join(folder, relative))
            if imported not in found:
                found[imported] = None
                waiting.append(imported)
    return tuple(found)


def _source(name: str) -> str:
    path = finders.find(name)
    if path is None:
        raise template.TemplateSyntaxError(f"There is no module {name}.")
    return Path(path).read_text()
