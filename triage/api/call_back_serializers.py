"""Call-backs as the API shows and reads them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from triage.api.examples import A_CALL_BACK, A_CASE, A_REVIEW, AN_ATTEMPT, AN_INTERIM_OPINION
from triage.api.fields import CodeField, TextField
from triage.api.me import PersonSerializer, SiteSerializer
from triage.api.notices import NoticeSerializer
from triage.api.schema import explained
from triage.api.shown import FieldsMadeOnce
from triage.api.views import StrictSerializer
from triage.models import CallBack, CallBackAttempt
from triage.models.call_back import (
    LONGEST_WORDS,
    AttemptOutcome,
    CallBackOutcome,
    CallBackReason,
)
from triage.report.what_followed import DisclosedCallBack

ATTEMPT_OUTCOME = explained(
    "What became of it: `reached`, `not_reached`, `message_left`, `wrong_number` or `other`, which `words` "
    "explains.",
    "message_left",
)
OUTCOME = explained(
    "How it ended: `comes_back`, `informed`, `elsewhere` (treated there), `no_change` of the treatment, "
    "`corrected` (the signed opinion), `not_reachable` (a letter was sent) or `other`, which `words` "
    "explains.",
    "comes_back",
)
WORDS = explained("In words, at most 500 characters; may be empty.", "Asked to ring back.")


@extend_schema_field(
    {"type": "string", "enum": AttemptOutcome.values}, component_name="AttemptOutcome"
)
class AttemptOutcomeField(CodeField):
    """What became of a try to reach the patient."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=AttemptOutcome.choices, **options)


@extend_schema_field(
    {"type": "string", "enum": CallBackOutcome.values}, component_name="CallBackOutcome"
)
class CallBackOutcomeField(CodeField):
    """How a call-back ended."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=CallBackOutcome.choices, **options)


@extend_schema_field(
    {"type": "string", "enum": CallBackReason.values}, component_name="CallBackReason"
)
class CallBackReasonField(CodeField):
    """How the signed opinion differs."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=CallBackReason.choices, **options)


class AttemptSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    made_by = PersonSerializer(help_text="Who tried.")
    outcome = AttemptOutcomeField(source="attempt_outcome", **ATTEMPT_OUTCOME)

    class Meta:
        model = CallBackAttempt
        fields = ["id", "call_back", "made_by", "made_at", "outcome", "words"]
        read_only_fields = fields
        extra_kwargs = {
            "id": explained("The attempt's id, a UUID.", AN_ATTEMPT),
            "call_back": explained("The id of its call-back.", A_CALL_BACK),
            "made_at": explained("When, in UTC.", "2026-03-02T10:02:11Z"),
            "words": WORDS,
        }


class CallBackSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    site = SiteSerializer(help_text="The site that the case belongs to.")
    reason = serializers.SerializerMethodField(
        **explained(
            "How the signed opinion differs: `dislocation_missed`, `fracture_missed`, `possible_fracture`, "
            "`treated_without` (treated as a fracture, none was signed) or `changed_since` (corrected after "
            "a call-back was closed). Null if you may not know yet what was signed.",
            "fracture_missed",
        )
    )
    owner = PersonSerializer(
        allow_null=True, help_text="Who must act; null where anybody with `owner_role` must."
    )
    owner_role = serializers.CharField(
        **explained(
            "The role that must act, `clinician` or `reviewer`; empty where `owner` must.",
            "clinician",
        )
    )
    is_late = serializers.BooleanField(
        **explained(
            "It is open, and its due time is past: every clinician of the site acts.", False
        )
    )
    closed_by = PersonSerializer(allow_null=True, help_text="Who closed it; null while open.")
    outcome = serializers.SerializerMethodField(
        **explained(
            "How it ended; null while it is open, and if you may not know yet what was signed.",
            "comes_back",
        )
    )
    words = serializers.SerializerMethodField(
        **explained(
            "What was said at its end, at most 500 characters; empty if you may not know yet what was "
            "signed.",
            "",
        )
    )
    attempts = serializers.SerializerMethodField(
        help_text="Each try, the oldest first; without the words of others if you may not know yet what was "
        "signed."
    )
    notices = NoticeSerializer(many=True, help_text="Each mail about it.")

    class Meta:
        model = CallBack
        fields = [
            *("id", "case", "site", "review", "interim", "reason", "owner", "owner_role"),
            *("opened_at", "act_by", "is_late", "closed_at", "closed_by", "outcome", "words"),
            *("attempts", "notices"),
        ]
        read_only_fields = fields
        extra_kwargs = {
            "id": explained("The call-back's id, a UUID.", A_CALL_BACK),
            "case": explained("The id of its case.", A_CASE),
            "review": explained(
                "The id of the signed opinion. A correction takes its place while it is open.",
                A_REVIEW,
            ),
            "interim": explained(
                "The id of the interim opinion that it differs from.", AN_INTERIM_OPINION
            ),
            "opened_at": explained("When it was opened, in UTC.", "2026-03-02T09:20:11Z"),
            "act_by": explained("When it should be closed by, in UTC.", "2026-03-02T13:20:11Z"),
            "closed_at": explained("When it was closed, in UTC; null before.", None),
        }

    @extend_schema_field(CallBackOutcomeField(allow_null=True))
    def get_outcome(self, call_back: CallBack) -> str | None:
        return self._disclosed(call_back).outcome or None

    @extend_schema_field(CallBackReasonField(allow_null=True))
    def get_reason(self, call_back: CallBack) -> str | None:
        return self._disclosed(call_back).reason

    def get_words(self, call_back: CallBack) -> str:
        return self._disclosed(call_back).words

    @extend_schema_field(AttemptSerializer(many=True))
    def get_attempts(self, call_back: CallBack) -> list[dict[str, Any]]:
        return [
            {**AttemptSerializer(attempt).data, "words": words}
            for attempt, words in self._disclosed(call_back).attempts
        ]

    def _disclosed(self, call_back: CallBack) -> DisclosedCallBack:
        is_shown = call_back.case_id in self.context["shown"]
        return DisclosedCallBack(call_back, self.context["request"].user, is_shown)


class CallBackListSerializer(serializers.Serializer):
    results = CallBackSerializer(many=True, help_text="At most 100.")
    next = serializers.URLField(
        allow_null=True,
        **explained("The page of what ended before; null if there is none.", None),
    )


class RecordAttemptSerializer(StrictSerializer):
    outcome = AttemptOutcomeField(**ATTEMPT_OUTCOME)
    words = TextField(max_length=LONGEST_WORDS, default="", allow_blank=True, **WORDS)


class CloseCallBackSerializer(StrictSerializer):
    review = serializers.UUIDField(
        **explained(
            "The id of the signed opinion that you read, as `review` of the call-back says. If a correction "
            "took its place meanwhile, the answer is 409 `opinion_corrected`.",
            A_REVIEW,
        )
    )
    outcome = CallBackOutcomeField(**OUTCOME)
    words = TextField(max_length=LONGEST_WORDS, default="", allow_blank=True, **WORDS)
