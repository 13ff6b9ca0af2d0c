"""An installation of one requirements file, made of links to the packages that run the tests.

A real virtual environment: what the file doesn't name, and nothing that it names needs, is not there.
"""

import re
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

from tests.processes import REPOSITORY

SCRIPT = """#!{python}
import sys
from {module} import {function}
sys.exit({function}())
"""


def install(requirements: str, folder: Path) -> Path:
    """Makes the virtual environment in ``folder``. Returns the folder of its programs."""
    venv.create(folder, symlinks=True, with_pip=False)
    (packages,) = folder.glob("lib/python*/site-packages")
    for found in distributions(requirements):
        for name in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
            link = packages / name
            if not link.exists():
                link.symlink_to(str(found.locate_file(name)))
        for entry in found.entry_points.select(group="console_scripts"):
            program = folder / "bin" / entry.name
            module, function = entry.value.split(":")
            program.write_text(
                SCRIPT.format(python=folder / "bin" / "python", module=module, function=function)
            )
            program.chmod(0o755)
    return folder / "bin"


def distributions(requirements: str) -> list[Distribution]:
    """What the file names, and what that needs, as far as this Python and machine are concerned."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    waiting = list(named(requirements))
    while waiting:
        requirement = waiting.pop()
        installed = distribution(requirement.name)
        found[installed.name] = installed
        for extra in ("", *requirement.extras):
            if (installed.name, extra) in seen:
                continue
            seen.add((installed.name, extra))
            for line in installed.requires or ():
                needed = Requirement(line)
                if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                    waiting.append(needed)
    return list(found.values())


def named(requirements: str) -> Iterator[Requirement]:
    """Each line of the file, and of those that it includes."""
    for line in (REPOSITORY / requirements).read_text().splitlines():
        if included := re.match(r"-r (\S+)", line):
            yield from named(included[1])
        elif text := line.split(" #")[0].split("#")[0].strip():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate():
                yield requirement
