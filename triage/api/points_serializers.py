"""A site's operating points, what they mean and how they changed, as JSON."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from classifier.call import OperatingPoints
from triage.api.examples import A_RELEASE
from triage.api.fields import CallField, CodeField, ShareField, TextField
from triage.api.me import PersonSerializer
from triage.api.release_serializers import ReleaseNameSerializer
from triage.api.schema import explained
from triage.api.shown import FieldsMadeOnce
from triage.api.views import StrictSerializer
from triage.models import SitePoints

LEAST, MOST = 0.0001, 0.9999
LONGEST_REASON = 200
LOW = "Below this chance of a fracture, 0.0001 to 0.9999, the call is negative."
HIGH = (
    "From this chance of a fracture, 0.0001 to 0.9999, the call is positive; never below the first."
)
RELEASE = explained("The id of the active release, as `release` says.", A_RELEASE["id"])
KNOWN = explained(
    "`known_number` as you read it: if it isn't the newest change's, the answer is 409 "
    "`points_changed`.",
    2,
)
MORE_MISSED = (
    "Say true to raise the first point above the one in force: then more fractures are called negative. "
    "Without it the answer is 409 `more_missed`, with the figures."
)
SETS = [("release", "The release's own"), ("site", "The site's"), ("suggested", "Suggested")]


class CalledSerializer(serializers.Serializer):
    """One of the three calls, and which pictures get it by the release's own figures."""

    call = CallField(source="code", **explained("The call.", "doubt"))
    of_fractured = ShareField(**explained("The share of the fractures that get it, 0 to 1.", 0.1))
    of_not_fractured = ShareField(
        **explained("The share of the pictures without one that get it, 0 to 1.", 0.25)
    )
    fractured = ShareField(
        allow_null=True,
        **explained(
            "The share of fractures among the pictures with this call, 0 to 1; null where nobody said how "
            "many are fractured.",
            0.18,
        ),
    )


class PointsSetSerializer(serializers.Serializer):
    of = CodeField(
        SETS,
        **explained("Whose: `release`, `site`, or `suggested` for the `prevalence` asked.", "site"),
    )
    negative_below = ShareField(**explained(LOW, 0.03))
    positive_from = ShareField(**explained(HIGH, 0.39))
    is_in_force = serializers.BooleanField(
        **explained("Whether new pictures are called at them.", True)
    )
    calls = CalledSerializer(many=True, help_text="Empty where the release has no figures there.")


class PointsSerializer(serializers.Serializer):
    release = ReleaseNameSerializer(
        allow_null=True, help_text="The active one, which the points are of; null: none is."
    )
    known_number = serializers.IntegerField(
        **explained("The number of the newest change for this release; 0: none.", 2)
    )
    sets = PointsSetSerializer(many=True, help_text="The points that there are; one is in force.")


class PrevalenceSerializer(serializers.Serializer):
    """The query of what the points mean somewhere."""

    prevalence = ShareField(0.001, 0.999, required=False)


class _ChangingSerializer(StrictSerializer):
    release = serializers.UUIDField(**RELEASE)
    known_number = serializers.IntegerField(min_value=0, max_value=2**31 - 1, **KNOWN)
    accept_more_missed = serializers.BooleanField(default=False, **explained(MORE_MISSED, False))


class SetPointsSerializer(_ChangingSerializer):
    negative_below = ShareField(LEAST, MOST, **explained(LOW, 0.03))
    positive_from = ShareField(LEAST, MOST, **explained(HIGH, 0.39))
    reason = TextField(
        max_length=LONGEST_REASON,
        **explained("Why, at most 200 characters.", "Fewer fractures here than elsewhere."),
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        low, high = given.pop("negative_below"), given.pop("positive_from")
        if low > high:
            text = _("A fracture is suspected from %(low)s or more: none is seen below that.")
            raise serializers.ValidationError({"positive_from": [text % {"low": low}]})
        return {**given, "points": OperatingPoints(low, high)}


class PutBackSerializer(_ChangingSerializer):
    accept_more_missed = serializers.BooleanField(
        default=False,
        **explained(
            f"{MORE_MISSED} `number` 0 needs none: the release's own were measured.", False
        ),
    )
    number = serializers.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        **explained("Of the change whose points count again; 0: the release's own.", 1),
    )


class PointsChangeSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    release = ReleaseNameSerializer(help_text="The release that the points are of.")
    set_by = PersonSerializer(help_text="Who did it.")
    why = serializers.CharField(
        **explained("The reason that was given, or what was put back.", "Fewer fractures here.")
    )

    class Meta:
        model = SitePoints
        fields = [
            *("number", "release", "negative_below", "positive_from"),
            *("why", "put_back", "set_by", "created_at"),
        ]
        read_only_fields = fields
        extra_kwargs = {
            "number": explained("Its number for this release, from 1 on.", 2),
            "negative_below": explained(f"{LOW} Null: the release's own.", 0.03),
            "positive_from": explained(f"{HIGH} Null: the release's own.", 0.39),
            "put_back": explained("The number of the change that counts again; null: none.", None),
            "created_at": explained("When, in UTC.", "2026-03-02T07:14:27Z"),
        }


class PointsChangeListSerializer(serializers.Serializer):
    results = PointsChangeSerializer(many=True, help_text="The newest first, at most 50.")
    next = serializers.URLField(
        allow_null=True, **explained("The page of those before; null if there are none.", None)
    )
