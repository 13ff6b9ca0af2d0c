"""The tables by which a site works, for its admins: waits, reading, call-backs, critical results."""

from typing import Any

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import sites_where
from accounts.models import Site
from accounts.roles import MANAGES_SITE
from triage.api.schema import described
from triage.api.site_rule_serializers import (
    CallBackRulesSerializer,
    CriticalTableSerializer,
    ReadingRulesSerializer,
    WaitsSerializer,
)
from triage.api.views import Resource, only_parameters
from triage.models import CallBackRule, ReadingRules, Redating, WaitRule
from triage.report.call_back_rules import set_call_back_rules
from triage.report.critical_rules import set_critical_table
from triage.review.call_back_table import call_back_table
from triage.review.critical_table import Matches, Step, critical_table
from triage.review.reading_rules import reading_rules_of, set_reading_rules
from triage.vocabulary import Priority
from triage.worklist.deadlines import WaitTable
from triage.worklist.wait_rules import set_wait_rules


class OfSite(Resource):
    def site(self, slug: str) -> Site:
        """Raises Http404 for everybody who isn't one of its admins."""
        managed = Site.objects.filter(pk__in=sites_where(self.request.user, MANAGES_SITE))
        found: Site | None = managed.filter(slug=slug).first()
        if found is None:
            raise Http404
        return found


def wait_rules_in(given: dict[str, Any]) -> list[WaitRule]:
    """The unsaved rules of the table that was sent."""
    return [WaitRule(**row) for row in (*given["priorities"], *given["classes"])]


class Waits(OfSite):
    @described(
        "waits",
        "How long cases of a site may wait, for its admins",
        answers={200: WaitsSerializer},
        errors=(400, 401, 404),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Defaults where the site has set none."""
        only_parameters(request)
        return self._table(self.site(slug))

    @described(
        "set_waits",
        "Replace a site's table of waits; its open cases get new deadlines in the background",
        request=WaitsSerializer,
        answers={200: WaitsSerializer},
        errors=(400, 401, 404),
    )
    def put(self, request: Request, slug: str) -> Response:
        """The whole table at once."""
        site, given = self.site(slug), self.checked(WaitsSerializer)
        set_wait_rules(site=site, rules=wait_rules_in(given), actor=request.user)
        return self._table(site)

    def _table(self, site: Site) -> Response:
        table = WaitTable.of(site.pk)
        priorities = [
            {
                "priority": priority,
                "minutes": table.priorities[priority],
                "doubt_minutes": table.doubts.get(priority),
            }
            for priority in Priority.values
        ]
        classes = [
            {"predicted_class": name, "minutes": wait, "minimum_confidence": confidence}
            for name, (wait, confidence) in table.classes.items()
        ]
        newest = Redating.objects.filter(site=site).order_by("-requested_at", "-pk").first()
        waits = {"priorities": priorities, "classes": classes, "redating": newest}
        return Response(WaitsSerializer(waits).data)


class Reading(OfSite):
    @described(
        "reading_rules",
        "Which cases of a site are read blind, and when a third reader is asked; for its admins",
        answers={200: ReadingRulesSerializer},
        errors=(400, 401, 404),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Defaults where the site has set none."""
        only_parameters(request)
        return self._rules(reading_rules_of(self.site(slug).pk))

    @described(
        "set_reading_rules",
        "Replace a site's reading rules",
        request=ReadingRulesSerializer,
        answers={200: ReadingRulesSerializer},
        errors=(400, 401, 404),
    )
    def put(self, request: Request, slug: str) -> Response:
        """Present cases stay as they are: whether one is blind is drawn when it is received."""
        site, given = self.site(slug), self.checked(ReadingRulesSerializer)
        return self._rules(set_reading_rules(site=site, actor=request.user, **given))

    def _rules(self, rules: ReadingRules) -> Response:
        return Response(ReadingRulesSerializer(rules).data)


class CallBackRules(OfSite):
    @described(
        "call_back_rules",
        "Which differences a site calls its patients back for; for its admins",
        answers={200: CallBackRulesSerializer},
        errors=(400, 401, 404),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Defaults where the site has set none."""
        only_parameters(request)
        return self._table(self.site(slug))

    @described(
        "set_call_back_rules",
        "Replace a site's table of call-backs",
        request=CallBackRulesSerializer,
        answers={200: CallBackRulesSerializer},
        errors=(400, 401, 404),
    )
    def put(self, request: Request, slug: str) -> Response:
        """Opinions signed from now on follow it; open call-backs stay as they are."""
        site, given = self.site(slug), self.checked(CallBackRulesSerializer)
        rules = [CallBackRule(**row) for row in given["rules"]]
        set_call_back_rules(site=site, rules=rules, actor=request.user)
        return self._table(site)

    def _table(self, site: Site) -> Response:
        rules = [
            {"reason": reason, **vars(rule)} for reason, rule in call_back_table(site.pk).items()
        ]
        return Response(CallBackRulesSerializer({"rules": rules}).data)


class CriticalRules(OfSite):
    @described(
        "critical_rules",
        "Which signed opinions a site calls critical, and who is notified; for its admins",
        answers={200: CriticalTableSerializer},
        errors=(400, 401, 404),
    )
    def get(self, request: Request, slug: str) -> Response:
        """Defaults where the site has set none."""
        only_parameters(request)
        return self._table(self.site(slug))

    @described(
        "set_critical_rules",
        "Replace a site's table of critical results",
        request=CriticalTableSerializer,
        answers={200: CriticalTableSerializer},
        errors=(400, 401, 404),
    )
    def put(self, request: Request, slug: str) -> Response:
        """Results that wait for an acknowledgement go on by the new steps."""
        site, given = self.site(slug), self.checked(CriticalTableSerializer)
        rules = [Matches(**row) for row in given["rules"]]
        steps = [Step(**row) for row in given["steps"]]
        set_critical_table(site=site, rules=rules, steps=steps, actor=request.user)
        return self._table(site)

    def _table(self, site: Site) -> Response:
        return Response(CriticalTableSerializer(critical_table(site.pk)).data)
