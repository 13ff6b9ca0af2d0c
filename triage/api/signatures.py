"""What is sent to sign an opinion, or a correction of one."""

from rest_framework import serializers

from triage.api.examples import A_PREDICTION_ID
from triage.api.fields import CodeField
from triage.api.given_opinion import GivenOpinionSerializer
from triage.api.schema import explained
from triage.vocabulary import Stage


class CorrectReviewSerializer(GivenOpinionSerializer):
    critical = serializers.BooleanField(
        default=False,
        **explained(
            "True: somebody of the clinic must take note at once, whatever the site's table says.",
            False,
        ),
    )


class SignReviewSerializer(CorrectReviewSerializer):
    prediction = serializers.UUIDField(
        default=None,
        allow_null=True,
        **explained(
            "The prediction that the reader saw, which `agrees` must name, and a final opinion on a blind "
            "case: 409 if it has changed.",
            A_PREDICTION_ID,
        ),
    )
    stage = CodeField(
        choices=[(stage.value, stage.label) for stage in (Stage.SECOND_OPINION, Stage.THIRD)],
        default=None,
        allow_null=True,
        **explained(
            "The opinion that the reader was asked for: `second_opinion`, or `third` where the case is in "
            "the state `third`. 409 (`stage_changed`) if another one is due by now. Null: whichever is due.",
            "second_opinion",
        ),
    )
