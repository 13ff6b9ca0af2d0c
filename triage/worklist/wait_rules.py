"""The table of allowed waits, as a site's clinical lead edits it."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import sites_where
from accounts.acts import Act
from accounts.models import Site, User
from accounts.refusals import NotPermitted, Refused
from accounts.roles import MANAGES_SITE
from accounts.services.events import emit
from triage.models import Redating, WaitRule
from triage.vocabulary import Priority
from triage.worklist.redating import request_redating
from triage.worklist.table_lock import hold_table_to_change_it

_REPORTED_FIELDS = ("priority", "predicted_class", "minimum_confidence", "minutes", "doubt_minutes")


@transaction.atomic
def set_wait_rules(*, site: Site, rules: Sequence[WaitRule], actor: User) -> Redating:
    """Replaces the site's table; its open cases are re-dated in the background.

    Args:
        rules: unsaved rules, one for each priority at least. Their site is set here.

    Returns:
        The pass over the open cases, which has not begun yet.
    """
    if site.pk not in sites_where(actor, MANAGES_SITE):
        raise NotPermitted("not_site_admin", _("Only an admin of the site edits its waits."))
    if {rule.priority for rule in rules if rule.priority is not None} != set(Priority.values):
        raise Refused("priority_missing", _("Give an allowed wait for each priority."))
    hold_table_to_change_it(site.pk)
    before = _table(WaitRule.objects.filter(site=site))
    WaitRule.objects.filter(site=site).delete()
    for rule in rules:
        rule.site = site
        rule.clean_fields()
    WaitRule.objects.bulk_create(rules)  # constraints check what the rules are to one another
    redating = request_redating(site)
    after = _table(rules)
    emit(Act.WAITS_CHANGED, site, actor=actor, site=site, before=before, after=after)
    return redating


def _table(rules: Iterable[WaitRule]) -> dict[str, Any]:
    """The table as an event stores it: small, and the same text for the same table."""
    rows = [{name: getattr(rule, name) for name in _REPORTED_FIELDS} for rule in rules]
    return {"rules": sorted(rows, key=str)}
