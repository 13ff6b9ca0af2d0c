"""Fields of the vocabulary: the values of the API are those of the domain."""

from typing import Any

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.texts import as_read
from triage.states import CaseState, JobState
from triage.vocabulary import (
    CALL_NAMES,
    Call,
    Conclusion,
    FractureClass,
    Priority,
    UnreadCode,
)

PRIORITY_VALUES = {priority.name.lower(): int(priority) for priority in Priority}


class TextField(serializers.CharField):
    """A text that a person typed. Its length is checked as ``accounts.texts.as_read`` gives it."""

    def to_internal_value(self, data: Any) -> str:
        return as_read(super().to_internal_value(data))


class ShareField(serializers.FloatField):
    """A number from 0 to 1, or within narrower bounds."""

    def __init__(self, min_value: float = 0, max_value: float = 1, **options: Any) -> None:
        super().__init__(min_value=min_value, max_value=max_value, **options)


class CodeField(serializers.ChoiceField):
    """One of a fixed set of codes. An error lists them, so that nobody has to look them up."""

    default_error_messages = {
        "invalid_choice": gettext_lazy('"{input}" is not a valid choice. Use one of: {choices}.')
    }

    def fail(self, key: str, **params: Any) -> Any:
        return super().fail(key, choices=", ".join(map(str, self.choices)), **params)


class OptionalCodeField(CodeField):
    """A code, or "" if nobody gave one."""

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(choices, allow_blank=True, read_only=True, **options)


@extend_schema_field({"type": "string", "enum": list(PRIORITY_VALUES)}, component_name="Priority")
class PriorityField(CodeField):
    """``stat``, ``urgent`` or ``routine``; in the database 0, 1, 2."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[(name, name) for name in PRIORITY_VALUES], **options)

    def to_internal_value(self, data: Any) -> int:
        return PRIORITY_VALUES[super().to_internal_value(data)]

    def to_representation(self, value: int) -> str:
        return Priority(value).name.lower()


# The values of the field ``finding``, which is older than the enum: one of them was renamed.
FINDING_VALUES = {
    call: "refused" if call == Call.NOT_ASSESSABLE else call.name.lower() for call in Call
}


@extend_schema_field(
    {"type": "string", "enum": list(FINDING_VALUES.values())}, component_name="Finding"
)
class FindingField(serializers.CharField):
    """The call as the first clients know it: `refused` is `not_assessable`."""


@extend_schema_field({"type": "string", "enum": list(CALL_NAMES)}, component_name="Call")
class CallField(serializers.CharField):
    """What the model says of a picture or a case; only the first two come with a class."""


@extend_schema_field({"type": "string", "enum": UnreadCode.values}, component_name="UnreadCode")
class UnreadCodeField(serializers.CharField):
    """Why no model reads a picture or a case."""


@extend_schema_field({"type": "string", "enum": CaseState.values}, component_name="CaseState")
class CaseStateField(serializers.CharField):
    """Where a case stands."""


@extend_schema_field({"type": "string", "enum": JobState.values}, component_name="JobState")
class JobStateField(serializers.CharField):
    """Where the reading of an image stands."""


@extend_schema_field(
    {"type": "string", "enum": FractureClass.values}, component_name="FractureClass"
)
class ClassField(CodeField):
    """One of the ten classes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=FractureClass.choices, **options)


@extend_schema_field({"type": "string", "enum": Conclusion.values}, component_name="Conclusion")
class ConclusionField(serializers.CharField):
    """What an opinion comes to, certain or possible."""
