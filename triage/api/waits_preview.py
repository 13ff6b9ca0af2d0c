"""What another table of waits would do to the open cases of a site."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.examples import A_CASE
from triage.api.fields import PriorityField
from triage.api.schema import described, explained
from triage.api.site_rule_serializers import WaitsSerializer
from triage.api.site_rules import OfSite, wait_rules_in
from triage.worklist.deadlines import WaitTable
from triage.worklist.preview import Moved, preview_of


class MovedCaseSerializer(serializers.Serializer):
    case = serializers.UUIDField(
        allow_null=True, **explained("The case's id; null where you may not open it.", A_CASE)
    )
    short_name = serializers.CharField(
        **explained("A name of the case that a person can say.", "gutih-tugad")
    )
    priority = PriorityField(**explained("What its sender or a lead gave it.", "urgent"))
    due_now = serializers.DateTimeField(
        **explained("Its deadline today, in UTC.", "2026-03-02T13:14:27Z")
    )
    due_by_table = serializers.DateTimeField(
        **explained("Its deadline by the table that was sent, in UTC.", "2026-03-02T11:14:27Z")
    )


class WaitsPreviewSerializer(serializers.Serializer):
    looked_at = serializers.IntegerField(
        **explained("How many open cases were looked at: those due first, at most 1,000.", 120)
    )
    has_more = serializers.BooleanField(**explained("Whether the site has more open ones.", False))
    sooner = serializers.IntegerField(**explained("How many would be due sooner.", 17))
    later = serializers.IntegerField(**explained("How many would be due later.", 0))
    late = serializers.IntegerField(
        **explained("How many would be late at once, and are not late now.", 2)
    )
    by_priority_alone = serializers.BooleanField(
        **explained(
            "True: what the model says is hidden from you, so these are the deadlines by the priorities' "
            "waits alone. You see the others' effect if you may open the site's cases.",
            False,
        )
    )
    first = MovedCaseSerializer(
        many=True, help_text="Of those that move, the ones due first now: at most 10."
    )


class WaitsPreview(OfSite):
    @described(
        "preview_waits",
        "What a table of waits would do to a site's open cases; nothing is saved",
        request=WaitsSerializer,
        answers={200: WaitsPreviewSerializer},
        errors=(400, 401, 404),
    )
    def post(self, request: Request, slug: str) -> Response:
        """The same table as `PUT …/waits` takes."""
        site = self.site(slug)
        table = WaitTable.from_rules(wait_rules_in(self.checked(WaitsSerializer)))
        preview = preview_of(site, table, request.user)
        shown = {**vars(preview), "first": [_moved(moved) for moved in preview.first]}
        return Response(WaitsPreviewSerializer(shown).data)


def _moved(moved: Moved) -> dict[str, Any]:
    return {
        "case": moved.case.pk if moved.is_visible else None,
        "short_name": moved.case.short_name,
        "priority": moved.case.priority,
        "due_now": moved.before,
        "due_by_table": moved.after,
    }
