"""The table of critical results, as a site's admin edits it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import sites_where
from accounts.acts import Act
from accounts.models import Site, User
from accounts.refusals import NotPermitted, Refused
from accounts.roles import MANAGES_SITE
from accounts.services.events import emit
from triage.models import CriticalRule, CriticalStep
from triage.review.critical_table import CriticalTable, Matches, Step, critical_table


@transaction.atomic
def set_critical_table(
    *, site: Site, rules: Sequence[Matches], steps: Sequence[Step], actor: User
) -> None:
    """Replaces the site's table. Results that wait go on by the new steps."""
    if site.pk not in sites_where(actor, MANAGES_SITE):
        raise NotPermitted("not_site_admin", _("Only an admin of the site edits its table."))
    if not steps:
        raise Refused("step_missing", _("Say who is notified first."))
    if len({(rule.fracture_class, rule.body_part) for rule in rules}) < len(rules):
        raise Refused("rule_twice", _("Two rows have the same type and body part. Keep one."))
    site = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    before = _facts_of(critical_table(site.pk))
    CriticalRule.objects.filter(site=site).delete()
    CriticalStep.objects.filter(site=site).delete()
    new_rules = [CriticalRule(site=site, **asdict(rule)) for rule in rules]
    new_steps = [
        CriticalStep(site=site, number=number, **asdict(step))
        for number, step in enumerate(steps, 1)
    ]
    for row in (*new_rules, *new_steps):
        row.clean_fields()
    CriticalRule.objects.bulk_create(new_rules)
    CriticalStep.objects.bulk_create(new_steps)
    after = _facts_of(critical_table(site.pk))
    emit(Act.CRITICAL_RULES_CHANGED, site, actor=actor, site=site, before=before, after=after)


def _facts_of(table: CriticalTable) -> Mapping[str, Any]:
    """The table as an event stores it: small, and the same text for the same table."""
    return {
        "rules": sorted((asdict(rule) for rule in table.rules), key=str),
        "steps": [asdict(step) for step in table.steps],
    }
