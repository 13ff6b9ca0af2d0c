"""``manage.py check`` says what this platform can't do to lock decoders in."""

from functools import lru_cache
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register

from classifier.box import Box


@lru_cache(maxsize=1)
def missing_layers() -> tuple[str, ...]:
    """One sentence each. The platform doesn't change while a process runs."""
    return tuple(Box.found().missing())


@register(Tags.security)
def decoders_are_locked_in(**_: Any) -> list[CheckMessage]:
    hint = "Files are decoded with the layers that are there: docs/decisions/0035 says what each stops."
    return [Warning(text, hint=hint, id="callus.W001") for text in missing_layers()]
