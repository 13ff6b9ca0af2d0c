"""The tables by which a site works, as JSON."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from triage.api.fields import ClassField, CodeField, PriorityField, ShareField
from triage.api.schema import explained
from triage.api.views import StrictSerializer
from triage.models.call_back import CallBackReason, Owner
from triage.vocabulary import BodyPart, FractureClass, Priority

WEEK = 7 * 24 * 60  # minutes
MOST_STEPS = 4


def _minutes(text: str, example: int, **options: Any) -> serializers.IntegerField:
    field: serializers.IntegerField = serializers.IntegerField(
        min_value=1, max_value=WEEK, **options, **explained(text, example)
    )
    return field


@extend_schema_field({"type": "string", "enum": Owner.values}, component_name="Owner")
class OwnerField(CodeField):
    """Who must act, or is notified."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=Owner.choices, **options)


class PriorityWaitSerializer(StrictSerializer):
    priority = PriorityField(**explained("Of cases of this priority.", "urgent"))
    minutes = _minutes("The allowed wait, 1 to 10080 minutes.", 240)
    doubt_minutes = _minutes(
        "The same in doubt, never longer; null: half of `minutes`.",
        120,
        allow_null=True,
        default=None,
    )


class ClassWaitSerializer(StrictSerializer):
    predicted_class = ClassField(**explained("Of cases of this predicted class.", "spiral"))
    minutes = _minutes("The allowed wait, 1 to 10080 minutes.", 360)
    minimum_confidence = ShareField(**explained("From which confidence on it counts, 0 to 1.", 0.4))


class RedatingSerializer(serializers.Serializer):
    """The newest pass that gives open cases their deadlines by the table."""

    done = serializers.IntegerField(**explained("How many open cases it has looked at.", 120))
    total = serializers.IntegerField(
        allow_null=True, **explained("How many there are; null before it began.", 400)
    )
    changed = serializers.IntegerField(**explained("How many deadlines it changed.", 17))
    finished_at = serializers.DateTimeField(
        allow_null=True,
        **explained("When it ended, in UTC; null while it runs.", "2026-03-02T09:20:11Z"),
    )


class WaitsSerializer(StrictSerializer):
    redating = RedatingSerializer(
        read_only=True,
        allow_null=True,
        help_text="How far open cases follow it; null: never changed.",
    )
    priorities = PriorityWaitSerializer(many=True, help_text="One for each priority.")
    classes = ClassWaitSerializer(many=True, help_text="One for each class.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        _require_each(given, "priorities", "priority", Priority.values)
        _require_each(given, "classes", "predicted_class", FractureClass.values)
        for row in given["priorities"]:
            if row["doubt_minutes"] is not None and row["doubt_minutes"] > row["minutes"]:
                text = _(
                    "A case in doubt never waits longer than its priority: at most %(minutes)d."
                )
                raise serializers.ValidationError({"priorities": [text % row]})
        return given


def _require_each(given: dict[str, Any], name: str, key: str, wanted: Sequence[Any]) -> None:
    if sorted(row[key] for row in given[name]) != sorted(wanted):
        raise serializers.ValidationError({name: [_("Give one row for each.")]})


class ReadingRulesSerializer(StrictSerializer):
    blind_percent = serializers.IntegerField(
        min_value=0,
        max_value=100,
        **explained("The share of new cases that are read blind first, 0 to 100 per cent.", 10),
    )
    third_if_first_differs = serializers.BooleanField(
        **explained(
            "A final opinion that differs from the first reading goes to a third reader.", True
        )
    )
    third_if_interim_differs = serializers.BooleanField(
        **explained("The same where it differs from the sender's interim opinion.", True)
    )
    third_model_percent = serializers.IntegerField(
        min_value=51,
        max_value=100,
        allow_null=True,
        **explained(
            "The same where it differs from a model that is as sure, 51 to 100; null: never.", 95
        ),
    )


class CallBackRuleSerializer(StrictSerializer):
    reason = CodeField(CallBackReason.choices, **explained("The difference.", "fracture_missed"))
    is_on = serializers.BooleanField(**explained("Whether it opens a call-back.", True))
    owner = OwnerField(**explained("Who must act.", "sender"))
    minutes = _minutes("Within how many minutes, 1 to 10080.", 240)


class CallBackRulesSerializer(StrictSerializer):
    rules = CallBackRuleSerializer(many=True, help_text="One for each difference.")


class CriticalRuleSerializer(StrictSerializer):
    fracture_class = ClassField(
        allow_blank=True,
        **explained("The signed type; empty: any.", "spiral"),
    )
    body_part = CodeField(
        BodyPart.choices, allow_blank=True, **explained("The body part; empty: any.", "HIP")
    )
    also_possible = serializers.BooleanField(
        **explained("Whether a fracture that is only possible counts too.", False)
    )


class CriticalStepSerializer(StrictSerializer):
    role = OwnerField(**explained("Who is notified.", "sender"))
    minutes = _minutes("After how many minutes the next is notified, 1 to 10080.", 15)


class CriticalTableSerializer(StrictSerializer):
    rules = CriticalRuleSerializer(many=True, help_text="Which signed opinions are critical.")
    steps = CriticalStepSerializer(
        many=True, max_length=MOST_STEPS, help_text="Who is notified after whom: 1 to 4 steps."
    )
