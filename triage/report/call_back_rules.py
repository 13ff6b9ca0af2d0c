"""The table of call-backs, as a site's admin edits it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import sites_where
from accounts.acts import Act
from accounts.models import Site, User
from accounts.refusals import NotPermitted, Refused
from accounts.roles import MANAGES_SITE
from accounts.services.events import emit
from triage.models import CallBackRule
from triage.models.call_back import CallBackReason
from triage.review.call_back_table import Rule, call_back_table


@transaction.atomic
def set_call_back_rules(*, site: Site, rules: Sequence[CallBackRule], actor: User) -> None:
    """Replaces the site's table. Call-backs that are open stay as they are.

    Args:
        rules: unsaved rules, one for each difference. Their site is set here.
    """
    if site.pk not in sites_where(actor, MANAGES_SITE):
        raise NotPermitted("not_site_admin", _("Only an admin of the site edits its call-backs."))
    if sorted(rule.reason for rule in rules) != sorted(CallBackReason.values):
        raise Refused("reason_missing", _("Give one rule for each difference."))
    site = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    before = _facts_of(call_back_table(site.pk).items())
    CallBackRule.objects.filter(site=site).delete()
    for rule in rules:
        rule.site = site
        rule.clean_fields()
    CallBackRule.objects.bulk_create(rules)
    after = _facts_of(call_back_table(site.pk).items())
    emit(Act.CALL_BACK_RULES_CHANGED, site, actor=actor, site=site, before=before, after=after)


def _facts_of(table: Iterable[tuple[str, Rule]]) -> Mapping[str, Any]:
    """The table as an event stores it: small, and the same text for the same table."""
    return {"rules": {reason: vars(rule) for reason, rule in sorted(table)}}
