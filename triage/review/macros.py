"""Macros of a reader: "/nf" becomes a text while they write. They are their own, and no event names them."""

import re
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.refusals import Conflict, Refused, refuse_nul
from accounts.texts import as_read
from triage.models import Macro
from triage.models.macro import LONGEST_SHORTCUT, LONGEST_TEXT, MOST_OF_A_READER

_SHORTCUT = re.compile(r"/[\w-]+")


def macros_of(reader: User) -> list[Macro]:
    """All of the reader's macros, by their shortcut."""
    return list(Macro.objects.filter(reader=reader).order_by("shortcut"))


def add_macro(*, reader: User, shortcut: str, text: str) -> Macro:
    """Adds one. Raises Refused: not a shortcut, no text, too long, or too many. Conflict: it exists."""
    return _save(Macro(reader=reader), shortcut, text)


def change_macro(*, macro: Macro, shortcut: str, text: str) -> Macro:
    """Changes one. Raises as ``add_macro``."""
    return _save(macro, shortcut, text)


def delete_macro(*, reader: User, macro_id: UUID) -> None:
    """Deletes one of the reader's own; also where it is gone already."""
    Macro.objects.filter(reader=reader, pk=macro_id).delete()


@transaction.atomic
def _save(macro: Macro, shortcut: str, text: str) -> Macro:
    macro.shortcut, macro.text = _checked_shortcut(shortcut), _checked_text(text)
    # Two at once by one reader: the second waits, and then counts the first.
    User.objects.select_for_update(no_key=True).get(pk=macro.reader_id)
    others = Macro.objects.filter(reader=macro.reader_id).exclude(pk=macro.pk)
    if others.filter(shortcut=macro.shortcut).exists():
        taken = _("You have a macro %(shortcut)s already.") % {"shortcut": macro.shortcut}
        raise Conflict("macro_exists", taken)
    if others.count() >= MOST_OF_A_READER:
        text = _("You have %(most)d macros, and more are not kept. Delete one first.")
        raise Refused("too_many_macros", text % {"most": MOST_OF_A_READER})
    macro.save()
    return macro


def _checked_shortcut(shortcut: str) -> str:
    shortcut = as_read(shortcut).lower()
    if not shortcut.startswith("/"):
        shortcut = f"/{shortcut}"
    if not _SHORTCUT.fullmatch(shortcut) or len(shortcut) > LONGEST_SHORTCUT:
        text = _(
            "A shortcut is a slash and 1 to %(most)d letters, digits, “-” or “_”, such as /nf."
        )
        raise Refused("bad_shortcut", text % {"most": LONGEST_SHORTCUT - 1})
    return shortcut


def _checked_text(text: str) -> str:
    text = as_read(text)
    refuse_nul(text)
    if not text:
        raise Refused("macro_without_text", _("Write the text that it becomes."))
    if len(text) > LONGEST_TEXT:
        said = _("The text has %(given)d characters; at most %(most)d are kept. Shorten it.")
        raise Refused("macro_too_long", said % {"given": len(text), "most": LONGEST_TEXT})
    return text
