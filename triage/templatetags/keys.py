"""Keys in templates: ``{% act %}`` in the tag of an element, ``{% key %}`` beside its text, the help."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from triage.web.keys import ACTS, Group, groups_in_use, spoken_keys, written_key

register = template.Library()


@register.simple_tag
def act(name: str) -> SafeString:
    """The attributes of an element that a key presses; a field gets the focus instead."""
    return format_html('data-act="{}" aria-keyshortcuts="{}"', name, spoken_keys(ACTS[name]))


@register.simple_tag
def key(name: str) -> SafeString:
    """The first key of an act, as a label; a screen reader has it from ``aria-keyshortcuts``."""
    return format_html('<kbd aria-hidden="true">{}</kbd>', written_key(ACTS[name].keys[0]))


@register.simple_tag
def letter(name: str) -> SafeString:
    """The letter alone of a key with Shift, where room is short."""
    return format_html('<kbd aria-hidden="true">{}</kbd>', ACTS[name].keys[0])


@register.simple_tag
def key_groups() -> list[Group]:
    return groups_in_use()


@register.filter
def as_written(keys: tuple[str, ...]) -> list[str]:
    return [written_key(key) for key in keys]
