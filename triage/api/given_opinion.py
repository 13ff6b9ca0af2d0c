"""An opinion in a request, and `opinion` as the first clients of REST v1 know it."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.refusals import Refused
from triage.api.fields import ClassField, CodeField, TextField
from triage.api.schema import explained
from triage.api.views import StrictSerializer
from triage.models.review import LONGEST_COMMENT
from triage.models.review_rules import LONGEST_OTHER_FINDING, MOST_PLACES
from triage.review.opinion import GivenOpinion
from triage.vocabulary import FRACTURED, FractureCertainty

AGREE, OTHER_CLASS = "agree", "other_class"
OPINIONS = (AGREE, OTHER_CLASS, "no_fracture", "not_assessable")
A_PLACE = {"image": 1, "x": 0.3875, "y": 0.6021, "width": 0.1438, "height": 0.0917}


def opinion_of(fracture: str, agrees: bool) -> str:
    """The older name of an opinion."""
    if agrees:
        return AGREE
    if fracture in FRACTURED:
        return OTHER_CLASS
    return "no_fracture" if fracture == FractureCertainty.NONE else "not_assessable"


@extend_schema_field({"type": "string", "enum": list(OPINIONS)}, component_name="Opinion")
class OpinionField(CodeField):
    """What a reader concludes, as one word."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=OPINIONS, **options)


@extend_schema_field(
    {"type": "string", "enum": FractureCertainty.values}, component_name="FractureCertainty"
)
class FractureField(CodeField):
    """Whether there is a fracture."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=FractureCertainty.choices, **options)


class PlaceSerializer(StrictSerializer):
    """A box, or a point, on an image of the case."""

    image = serializers.IntegerField(
        min_value=1, **explained("The number of the image in its case, from 1.", 1)
    )
    x = serializers.FloatField(
        min_value=0, max_value=1, **explained("Left edge, as a fraction of the width.", 0.3875)
    )
    y = serializers.FloatField(
        min_value=0, max_value=1, **explained("Upper edge, as a fraction of the height.", 0.6021)
    )
    width = serializers.FloatField(
        min_value=0,
        max_value=1,
        default=0,
        **explained("As a fraction of the image's width; 0 for a point.", 0.1438),
    )
    height = serializers.FloatField(
        min_value=0,
        max_value=1,
        default=0,
        **explained("As a fraction of the image's height; 0 for a point.", 0.0917),
    )


class GivenOpinionSerializer(StrictSerializer):
    fracture = FractureField(
        required=False,
        **explained(
            "Whether there is a fracture: `certain`, `possible`, `none` or `not_assessable`. May be left out "
            "with `agrees`, which fills it in.",
            "certain",
        ),
    )
    classes = serializers.ListField(
        child=ClassField(),
        default=list,
        **explained(
            "The types of the fracture, several or none. With `agrees` the model's, if its call names one.",
            ["spiral"],
        ),
    )
    displaced = serializers.BooleanField(
        default=None, allow_null=True, **explained("Of a fracture; null: not said.", True)
    )
    old = serializers.BooleanField(
        default=None,
        allow_null=True,
        **explained("Whether the fracture is an old one; null: not said.", False),
    )
    places = PlaceSerializer(
        many=True,
        default=list,
        help_text=f"Where the fracture lies, at most {MOST_PLACES} places on all images together.",
    )
    other_finding = TextField(
        max_length=LONGEST_OTHER_FINDING,
        default="",
        allow_blank=True,
        **explained("Another finding, in words; at most 500 characters.", "Joint effusion."),
    )
    comment = TextField(
        max_length=LONGEST_COMMENT,
        default="",
        allow_blank=True,
        **explained("Free text, at most 4,000 characters.", "Seen at the second look."),
    )
    agrees = serializers.BooleanField(
        required=False,
        **explained(
            "true signs what the model says of the case: a fracture of its type, no fracture, or not "
            "assessable. Returns 400 if `fracture` or `classes` say something else (`contradiction`, "
            "`class_not_meant`), or if there is nothing to agree with: the call is doubt "
            "(`model_in_doubt`); some of the images, not all, are unread or not assessable and no fracture "
            "is suspected (`not_read_as_a_whole`); the model has made no call (`nothing_to_agree_with`); or "
            "its output is hidden from you (`model_hidden`).",
            False,
        ),
    )
    opinion = OpinionField(
        required=False,
        **explained(
            "The older form of `fracture` and `agrees`. `agree`: `agrees` is true. `other_class`: `fracture` "
            "is `certain`, or `possible` if you say so, and without `fracture` at least one class is "
            "needed. `no_fracture`: `none`. Returns 400 (`contradiction`) if it and they contradict each "
            "other.",
            "other_class",
        ),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not any(attrs.get(name) for name in ("fracture", "agrees", "opinion")):
            raise serializers.ValidationError({"fracture": [_("Is there a fracture?")]})
        return attrs


def given_opinion(sent: dict[str, Any]) -> GivenOpinion:
    """The opinion in the checked fields of ``GivenOpinionSerializer``.

    Raises:
        Refused: `opinion` says something else than `fracture` and `agrees`.
    """
    opinion, fracture = sent.pop("opinion", None), sent.pop("fracture", "")
    agrees = sent.pop("agrees", None)
    if opinion is not None:
        fracture, agrees = _from_opinion(opinion, fracture, agrees, sent["classes"])
    return GivenOpinion(
        fracture=fracture,
        agrees=bool(agrees),
        classes=tuple(sent["classes"]),
        places=tuple(sent["places"]),
        **{name: sent[name] for name in ("displaced", "old", "other_finding", "comment")},
    )


def _from_opinion(
    opinion: str, fracture: str, agrees: bool | None, classes: list[str]
) -> tuple[str, bool]:
    if opinion == AGREE and agrees is not False:
        return fracture, True
    if opinion == OTHER_CLASS and not fracture:
        if not classes:
            raise Refused("class_missing", _("Name at least one class."))
        fracture = FractureCertainty.CERTAIN
    meant = {
        "no_fracture": FractureCertainty.NONE,
        "not_assessable": FractureCertainty.NOT_ASSESSABLE,
    }
    fracture = fracture or meant.get(opinion, "")
    if agrees or opinion_of(fracture, agrees=False) != opinion:
        raise Refused(
            "contradiction",
            _(
                "opinion contradicts fracture or agrees. Send one of them, or both with the same meaning."
            ),
        )
    return fracture, False
