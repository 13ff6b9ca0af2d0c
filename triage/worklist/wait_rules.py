"""The table of allowed waits, as a site's clinical lead edits it."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Site, User
from accounts.roles import MANAGES_SITE
from accounts.services.audit import record
from triage.models import Case, WaitRule
from triage.models.visibility import sites_where
from triage.refusals import NotPermitted, Refused
from triage.vocabulary import Priority
from triage.worklist.deadlines import WaitTable
from triage.worklist.deciding import DECIDED, decide, latest_predictions


@transaction.atomic
def set_wait_rules(*, site: Site, rules: Sequence[WaitRule], actor: User) -> int:
    """Replaces the site's table and re-dates its open cases.

    Args:
        rules: unsaved rules, one for each priority at least. Their site is set here.

    Returns:
        How many open cases got another deadline.
    """
    if site.pk not in sites_where(actor, MANAGES_SITE):
        raise NotPermitted("not_site_admin", _("Only an admin of the site edits its waits."))
    if {rule.priority for rule in rules if rule.priority is not None} != set(Priority.values):
        raise Refused("priority_missing", _("Give an allowed wait for each priority."))
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    WaitRule.objects.filter(site=site).delete()
    for rule in rules:
        rule.site = site
        rule.full_clean()
        rule.save()
    moved = redate_open_cases(site)
    record("waits.changed", site, actor=actor, site=site, rules=len(rules), redated=moved)
    return moved


def redate_open_cases(site: Site) -> int:
    """Decides every open case of the site anew by the present table. Returns how many deadlines moved.

    Call inside a transaction.
    """
    table = WaitTable.of(site.pk)
    locked = Case.objects.select_for_update(of=("self",), no_key=True).filter(site=site).open()
    cases = list(locked.order_by("pk"))
    predictions = latest_predictions(cases)
    before = {case.pk: case.due_at for case in cases}
    for case in cases:
        decide(case, predictions.get(case.pk, []), table)
    Case.objects.bulk_update(cases, DECIDED, batch_size=500)
    return sum(case.due_at != before[case.pk] for case in cases)
