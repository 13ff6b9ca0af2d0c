"""How large a file is, as a person reads it."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

KB, MB, GB = 1024, 1024**2, 1024**3
_IN_KB = 100_000  # bytes: below it in kB, as static/js/upload/text.js


def size_of(size: int) -> str:
    """41943040 → "40 MB", 43515904 → "41.5 MB", 500 → "1 kB": a decimal only where it says something."""
    if size < _IN_KB:
        return _("%(number)s kB") % {"number": number_format(-(-size // KB))}
    if size < GB:
        return _("%(number)s MB") % {"number": _tenths(size / MB)}
    return _("%(number)s GB") % {"number": _tenths(size / GB)}


def _tenths(number: float) -> str:
    rounded = round(number, 1)
    return number_format(rounded, 0 if rounded.is_integer() else 1)
