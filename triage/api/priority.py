"""A lead changes the priority of a case, or of many at once."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.case_detail_serializers import CaseDetailSerializer
from triage.api.cases import case_response
from triage.api.examples import A_CASE
from triage.api.fields import PriorityField, TextField
from triage.api.me import PersonSerializer
from triage.api.schema import described, explained
from triage.api.views import Resource, StrictSerializer
from triage.models import Case, PriorityChange
from triage.models.case import LONGEST_REASON
from triage.review.priority import MOST_AT_ONCE, change_priorities, change_priority

_REASON = explained("Why, at most 500 characters. It stays with the case.", "Seen at the door")
_CODE = explained("Why, as a code.", "case_closed")
_MESSAGE = explained("Why, in a sentence.", "This case is closed: Reviewed.")


class ChangePrioritySerializer(StrictSerializer):
    priority = PriorityField(**explained("How urgent it is from now on.", "stat"))
    reason = TextField(max_length=LONGEST_REASON, **_REASON)


class ChangePrioritiesSerializer(ChangePrioritySerializer):
    cases = serializers.ListField(
        child=serializers.UUIDField(),
        min_length=1,
        max_length=MOST_AT_ONCE,
        **explained("Ids of the cases, 1 to 50.", [A_CASE]),
    )


class RefusedChangeSerializer(serializers.Serializer):
    case = serializers.UUIDField(source="case_id", **explained("The case's id.", A_CASE))
    code = serializers.CharField(source="refusal.code", **_CODE)
    message = serializers.CharField(source="refusal.message", **_MESSAGE)


class ChangedPrioritiesSerializer(serializers.Serializer):
    changed = serializers.SerializerMethodField(
        **explained("Ids of the cases that have the new priority now.", [A_CASE])
    )
    unchanged = serializers.SerializerMethodField(
        **explained("Ids of those that had it already.", [])
    )
    refused = RefusedChangeSerializer(
        many=True, help_text="Those that stayed as they are, and why."
    )

    def get_changed(self, result: Any) -> list[UUID]:
        return [case.pk for case in result.changed]

    def get_unchanged(self, result: Any) -> list[UUID]:
        return [case.pk for case in result.unchanged]


class PriorityChangeSerializer(serializers.Serializer):
    """A lead changed the priority."""

    changed_at = serializers.DateTimeField(**explained("When, in UTC.", "2026-03-02T09:18:00Z"))
    changed_by = PersonSerializer(help_text="The lead.")
    before = PriorityField(source="old_priority", **explained("The priority before.", "routine"))
    after = PriorityField(source="new_priority", **explained("The priority after it.", "stat"))
    reason = serializers.CharField(
        **explained("Why, in the lead's words, at most 500 characters.", "Seen at the door")
    )


class CasePrioritySerializer(serializers.Serializer):
    priority = PriorityField(**explained("How urgent it is now.", "stat"))
    changes = PriorityChangeSerializer(
        many=True, help_text="When a lead changed it, the oldest change first; most often none."
    )


class CasePriority(Resource):
    @described(
        "case_priority",
        "The priority of a case, and who changed it and why",
        answers={200: CasePrioritySerializer},
        errors=(401, 404),
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        """The sender chose it first."""
        case = self.visible(Case.objects.all(), case_id)
        changes = PriorityChange.objects.filter(case=case).select_related("changed_by")
        answer = {"priority": case.priority, "changes": changes}
        return Response(CasePrioritySerializer(answer).data)

    @described(
        "change_priority",
        "Give a case another priority, as a lead of the site; its deadline follows",
        request=ChangePrioritySerializer,
        answers={200: CaseDetailSerializer},
        errors=(400, 401, 403, 404, 409),
    )
    def put(self, request: Request, case_id: UUID) -> Response:
        """A lead manages the site (`admin`) and gives opinions there (`clinician` or `reviewer`). The
        priority that the case has already changes nothing, so the same request may be sent again.
        """
        case = self.visible(Case.objects.all(), case_id)
        given: dict[str, Any] = self.checked(ChangePrioritySerializer)
        change_priority(case=case, actor=request.user, **given)
        return case_response(request, case)


class Priorities(Resource):
    @described(
        "change_priorities",
        "Give up to 50 cases another priority, as a lead of their sites",
        request=ChangePrioritiesSerializer,
        answers={200: ChangedPrioritiesSerializer},
        errors=(400, 401),
    )
    def put(self, request: Request) -> Response:
        """Each case is changed as a single one, by itself: one that is refused stops no other. 200 says what
        became of each. Sent again, the request changes what is left.
        """
        given: dict[str, Any] = self.checked(ChangePrioritiesSerializer)
        result = change_priorities(case_ids=given.pop("cases"), actor=request.user, **given)
        return Response(ChangedPrioritiesSerializer(result).data)
