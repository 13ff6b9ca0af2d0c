"""A site's rules of reading, as its admin edits them, and what they decide of a case."""

import secrets
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import sites_where
from accounts.acts import Act
from accounts.models import Site, User
from accounts.refusals import NotPermitted, Refused
from accounts.roles import MANAGES_SITE
from accounts.services.events import emit
from triage.models import ReadingRules

_REPORTED_FIELDS = (
    "blind_percent",
    "third_if_first_differs",
    "third_if_interim_differs",
    "third_model_percent",
)


def reading_rules_of(site_id: UUID) -> ReadingRules:
    """The site's rules; unsaved ones with the defaults where it has set none."""
    rules = ReadingRules.objects.filter(site_id=site_id).first()
    return rules or ReadingRules(site_id=site_id)


def draw_blind(site_id: UUID) -> bool:
    """Whether a case that is received now is read blind first, by the share that the site asks for."""
    return secrets.randbelow(100) < reading_rules_of(site_id).blind_percent


@transaction.atomic
def set_reading_rules(
    *,
    site: Site,
    actor: User,
    blind_percent: int,
    third_if_first_differs: bool = False,
    third_if_interim_differs: bool = False,
    third_model_percent: int | None = None,
) -> ReadingRules:
    """Replaces the site's rules. Blind is what is received after the commit; the rest counts for signatures.

    Raises:
        NotPermitted: not an admin of the site. Refused: not a percentage.
    """
    if site.pk not in sites_where(actor, MANAGES_SITE):
        raise NotPermitted(
            "not_site_admin", _("Only an admin of the site edits its reading rules.")
        )
    if not 0 <= blind_percent <= 100:
        raise Refused("bad_share", _("The share of blind cases lies between 0 % and 100 %."))
    if third_model_percent is not None and not 50 < third_model_percent <= 100:
        raise Refused("bad_share", _("A model is sure from more than 50 % on, up to 100 %."))
    # Two changes at once come one after the other, so each one's "before" is true.
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    rules = reading_rules_of(site.pk)
    before = _facts(rules)
    rules.blind_percent, rules.third_model_percent = blind_percent, third_model_percent
    rules.third_if_first_differs = third_if_first_differs
    rules.third_if_interim_differs = third_if_interim_differs
    rules.save()
    after = _facts(rules)
    if before != after:
        emit(Act.READING_RULES_CHANGED, site, actor=actor, site=site, before=before, after=after)
    return rules


def _facts(rules: ReadingRules) -> dict[str, object]:
    return {name: getattr(rules, name) for name in _REPORTED_FIELDS}
