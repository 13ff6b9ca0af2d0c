"""Reads a worklist query from a URL. An invalid filter is an error; it is not ignored."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from accounts.refusals import Refused


class Parameters:
    """The parameters of a URL, checked as they are read."""

    def __init__(self, params: QueryDict | Mapping[str, Any]) -> None:
        self._lists: dict[str, list[str]] = {}
        self._given_as: dict[str, str] = {}  # an older name, which a refusal has to name
        for name in params:
            given = params.getlist(name) if isinstance(params, QueryDict) else params[name]
            values = [given] if isinstance(given, str) else [str(item) for item in given]
            self._lists[name] = [value.strip() for value in values if value.strip()]
            if any("\0" in value for value in values):
                raise self._wrong(name, _("It contains a character that is not allowed."))

    def refuse_unknown(self, known: Collection[str]) -> None:
        if "q" in self._lists:
            # What people type to find a case can name a patient: it stands in no address and no log line.
            raise self._wrong("q", _("Use Find. It looks at closed cases too."))
        for name in self._lists:
            if name not in known:
                raise self._wrong(name, _("There is no such filter."))

    def rename(self, old: str, new: str) -> None:
        """Reads a parameter by its older name; "" counts as not given."""
        if old and old in self._lists:
            self._lists[new] = self._lists.get(new, []) + self._lists.pop(old)
            self._given_as[new] = old

    def forget(self, *names: str) -> None:
        for name in names:
            self._lists.pop(name, None)

    def refuse_sort_of_closed(self, *, mixed: bool) -> None:
        """Raises Refused where closed cases are asked for together with open ones or in another order."""
        if mixed:
            hint = _("Open and closed states can't be mixed: choose one or the other.")
            raise self._wrong("state", hint)
        for name in ("sort", "order"):
            if self._lists.get(name):
                hint = _("Closed cases are listed by closing time, the newest first. Leave it out.")
                raise self._wrong(name, hint)

    def one(self, name: str, default: str = "") -> str:
        values = self._lists.get(name) or [default]
        return values[-1]

    def choices(self, name: str, allowed: Mapping[str, Any]) -> tuple[Any, ...]:
        """Every value given, translated by ``allowed``."""
        given = self._lists.get(name, [])
        for value in given:
            if value not in allowed:
                options = ", ".join(allowed)
                raise self._wrong(name, _("Use one of: %(options)s.") % {"options": options})
        return tuple(dict.fromkeys(allowed[value] for value in given))

    def many(self, name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._lists.get(name, [])))

    def fraction(self, name: str) -> float | None:
        """A number from 0 to 1."""
        text = self.one(name)
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if not 0 <= number <= 1:
            raise self._wrong(name, _("Use a number from 0 to 1."))
        return number

    def day(self, name: str) -> date | None:
        text = self.one(name)
        if not text:
            return None
        try:
            day = parse_date(text)
        except ValueError:
            day = None
        if day is None:
            raise self._wrong(name, _("Write a date like 2026-01-31."))
        return day

    def _wrong(self, name: str, hint: str) -> Refused:
        return Refused("bad_filter", f"{self._given_as.get(name, name)}: {hint}")
