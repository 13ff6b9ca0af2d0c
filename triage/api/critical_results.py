"""Critical results: signed opinions that somebody must take note of at once."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from triage.api.critical_of_review import BY_READER, BecauseField
from triage.api.examples import A_CASE, A_CRITICAL_RESULT, A_CURSOR, A_REVIEW
from triage.api.fields import TextField
from triage.api.me import PersonSerializer, SiteSerializer
from triage.api.notices import NoticeSerializer
from triage.api.pagination import address
from triage.api.schema import described, explained, with_example
from triage.api.shown import FieldsMadeOnce
from triage.api.views import Resource, StrictSerializer, only_parameters
from triage.api.what_followed import context_of
from triage.models import CriticalResult
from triage.models.call_back import LONGEST_WORDS
from triage.models.critical_result import CriticalResultQuerySet
from triage.report.critical_list import (
    MOST_LISTED,
    acknowledged_results,
    critical_waiting_for,
    with_details,
)
from triage.report.critical_of_case import Because
from triage.report.critical_results import acknowledge
from triage.report.what_followed import DisclosedCritical


def _waiting(user: User) -> CriticalResultQuerySet:
    return CriticalResult.objects.visible_to(user).waiting().order_by("opened_at", "pk")


WHICH = {
    "mine": lambda user: critical_waiting_for(user).order_by("opened_at", "pk"),
    "waiting": _waiting,
}
ACKNOWLEDGED = "acknowledged"
WORDS = explained("In words, at most 500 characters; may be empty.", "Surgeon on call informed.")


class CriticalResultSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    site = SiteSerializer(help_text="The site that the case belongs to.")
    waits_for = serializers.ListField(
        child=serializers.CharField(),
        source="notified_roles",
        **explained(
            "Whom it waits for by now: `sender`, `clinician`, `reviewer`.", ["sender", "clinician"]
        ),
    )
    by_reader = serializers.SerializerMethodField(
        **explained(f"{BY_READER}. Null if you may not know yet what was signed.", False)
    )
    because = serializers.SerializerMethodField(
        **explained(
            "Why it is critical: the reader ticked it, the site's table called it so when it was signed, or "
            "it took the place of an opinion that was critical. Null if you may not know yet what was "
            "signed.",
            Because.TABLE.value,
        )
    )
    words = serializers.SerializerMethodField(
        **explained(
            "What was said by who took note, at most 500 characters; empty if you may not know yet what was "
            "signed.",
            "Surgeon on call informed.",
        )
    )
    acknowledged_by = PersonSerializer(allow_null=True, help_text="Who took note; null before.")
    notices = NoticeSerializer(many=True, help_text="Each mail about it.")

    class Meta:
        model = CriticalResult
        fields = [
            *(
                "id",
                "case",
                "site",
                "review",
                "by_reader",
                "because",
                "opened_at",
                "step",
                "waits_for",
            ),
            *("acknowledged_at", "acknowledged_by", "words", "notices"),
        ]
        read_only_fields = fields
        extra_kwargs = {
            "id": explained("The critical result's id, a UUID.", A_CRITICAL_RESULT),
            "case": explained("The id of its case.", A_CASE),
            "review": explained(
                "The id of the signed opinion that it waits for. A correction takes its place.",
                A_REVIEW,
            ),
            "opened_at": explained("Since when it waits, in UTC.", "2026-03-02T09:20:11Z"),
            "step": explained(
                "How many steps were notified, from 0 on. After a correction the site's table begins again, "
                "and this number goes on.",
                1,
            ),
            "acknowledged_at": explained("When somebody took note, in UTC; null before.", None),
        }

    def get_by_reader(self, result: CriticalResult) -> bool | None:
        return self._disclosed(result).by_reader

    @extend_schema_field(BecauseField(allow_null=True))
    def get_because(self, result: CriticalResult) -> str | None:
        return self._disclosed(result).because

    def get_words(self, result: CriticalResult) -> str:
        return self._disclosed(result).words

    def _disclosed(self, result: CriticalResult) -> DisclosedCritical:
        return DisclosedCritical(result, result.case_id in self.context["shown"])


class CriticalResultListSerializer(serializers.Serializer):
    results = CriticalResultSerializer(many=True, help_text="At most 100.")
    next = serializers.URLField(
        allow_null=True,
        **explained("The page of what ended before; null if there is none.", None),
    )


class AcknowledgeSerializer(StrictSerializer):
    review = serializers.UUIDField(
        **explained(
            "The id of the signed opinion that you read, as `review` of the critical result says. If a "
            "correction took its place meanwhile, the answer is 409 `opinion_corrected`.",
            A_REVIEW,
        )
    )
    words = TextField(max_length=LONGEST_WORDS, default="", allow_blank=True, **WORDS)


def _shown(rows: CriticalResultQuerySet) -> CriticalResultQuerySet:
    return with_details(rows).prefetch_related("notices__person")


class CriticalResults(Resource):
    @described(
        "critical_results",
        "Critical results of your sites",
        answers={200: CriticalResultListSerializer},
        errors=(400, 401),
        parameters=[
            OpenApiParameter(
                "which",
                str,
                enum=[*WHICH, ACKNOWLEDGED],
                description=with_example(
                    "`mine`: those that wait for you, which is what you get without it; `waiting`: all that "
                    "wait at your sites; `acknowledged`: the last ones that somebody took note of.",
                    "mine",
                ),
            ),
            OpenApiParameter(
                "cursor",
                str,
                description=with_example("Of acknowledged ones: taken from `next`.", A_CURSOR),
            ),
        ],
    )
    def get(self, request: Request) -> Response:
        """What waits by its age, at most 100; what is done the newest first, in pages of 50."""
        only_parameters(request, "which", "cursor")
        which = request.query_params.get("which", "mine")
        if which not in (*WHICH, ACKNOWLEDGED):
            raise ValidationError({"which": [f"Use one of: {', '.join((*WHICH, ACKNOWLEDGED))}."]})
        content: dict[str, Any] = {"next": None}
        if which == ACKNOWLEDGED:
            page = acknowledged_results(request.user, request.query_params.get("cursor"))
            following = page.next and urlencode({"which": ACKNOWLEDGED, "cursor": page.next})
            content = {"results": page.rows, "next": address(request, following)}
        else:
            content["results"] = list(_shown(WHICH[which](request.user))[:MOST_LISTED])
        context = context_of(request, content["results"])
        return Response(CriticalResultListSerializer(content, context=context).data)


class OneCriticalResult(Resource):
    @described(
        "critical_result",
        "One critical result",
        answers={200: CriticalResultSerializer},
        errors=(401, 404),
    )
    def get(self, request: Request, result_id: UUID) -> Response:
        """With every mail about it, and what became of each."""
        found = self.visible(_shown(CriticalResult.objects.all()), result_id)
        return Response(CriticalResultSerializer(found, context=context_of(request, [found])).data)


class Acknowledgement(Resource):
    @described(
        "acknowledge",
        "Take note of a critical result",
        request=AcknowledgeSerializer,
        answers={200: CriticalResultSerializer},
        errors=(400, 401, 403, 404, 409),
        once=True,
    )
    def post(self, request: Request, result_id: UUID) -> Response:
        """Your name and the time are kept, and nobody else is notified.

        For those whom it waits for, and the clinicians of the site; not for who signed it.
        """
        found = self.visible(CriticalResult.objects.all(), result_id)
        given: dict[str, Any] = self.checked(AcknowledgeSerializer)

        def acknowledged() -> CriticalResult:
            review_id = given["review"]
            return acknowledge(
                result=found, actor=request.user, review_id=review_id, words=given["words"]
            )

        done = self.once(CriticalResult, acknowledged)
        return Response(CriticalResultSerializer(done, context=context_of(request, [done])).data)
