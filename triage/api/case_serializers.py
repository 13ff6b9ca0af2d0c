"""A case as the API shows it in lists."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.reverse import reverse

from triage.api import claims
from triage.api.case_columns import CASE_COLUMNS
from triage.api.examples import AN_IMAGE
from triage.api.fields import (
    FINDING_VALUES,
    CallField,
    CaseStateField,
    ClassField,
    FindingField,
    OptionalCodeField,
    PriorityField,
    UnreadCodeField,
)
from triage.api.me import SiteSerializer
from triage.api.schema import explained
from triage.api.shown import FieldsMadeOnce
from triage.api.signed import SignedSerializer
from triage.disclosure import DisclosedCase, Disclosure, disclosure_for
from triage.models import Case
from triage.review.standing import standing_opinions
from triage.vocabulary import AgeBand, Projection, Sex, Side
from triage.worklist.one_case import shown_case


def context_of(
    request: Request, cases: Iterable[Case], disclosure: Disclosure | None = None
) -> dict[str, Any]:
    """What serializers of cases and of their images need beside ``cases``: the request, and what its person
    may see of each. ``disclosure``: the one that ``cases`` were sorted by; None asks the policy, once.
    """
    disclosure = disclosure or disclosure_for(request.user)
    return _context(request, disclosure.cases(cases))


def context_of_one(request: Request, case: Case) -> dict[str, Any]:
    """As ``context_of`` for an answer about one case: its reader may see more of it than a list shows."""
    return _context(request, [shown_case(request.user, case)])


def _context(request: Request, shown: list[DisclosedCase]) -> dict[str, Any]:
    """``signed``: asked for by what shows it, and once for all rows."""
    return {
        "request": request,
        "disclosed_cases": {disclosed.case.pk: disclosed for disclosed in shown},
        "signed": cache(lambda: standing_opinions(shown)),
    }


# All of the model's output is read from ``disclosed_case``, which holds what the caller may see.
class CaseSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    """A case, with what you may see of the model's output."""

    age_band = OptionalCodeField(
        AgeBand.choices, **explained("The patient's age in years; empty if not given.", "2-11")
    )
    sex = OptionalCodeField(Sex.choices, **explained("The patient's sex; empty if not given.", "F"))
    side = OptionalCodeField(
        Side.choices,
        **explained(
            "The side that the sender gave for the case. If the sender gave none, the side from the first "
            "DICOM header that has one. Empty if nobody gave one. Each image has its own.",
            "R",
        ),
    )
    projection = OptionalCodeField(
        Projection.choices,
        **explained("The projection, from the same sources as `side`.", "SEVERAL"),
    )
    site = SiteSerializer(help_text="The site that the case belongs to.")
    state = CaseStateField(
        **explained(
            "`arriving`: its files are stored and being decoded. `refused`: they can't be taken. Only the "
            "sender sees a case in these two states. `received`: waits for the model. `predicted`: ready to "
            "be read. `failed`: the model could not read it. `third`: waits for a third reader. "
            "`reviewed` and `withdrawn`: closed.",
            "predicted",
        )
    )
    priority = PriorityField(**explained("How urgent the sender says it is.", "urgent"))
    due_at = serializers.SerializerMethodField(
        **explained(
            "When the second opinion is due, in UTC: `received_at` plus the shortest wait of the case's "
            "images. An image whose call is `positive` or `doubt` waits at most as long as the site allows "
            "in doubt for the case's priority. If the model is confident enough of its class, it also waits "
            "at most as long as the site allows for that class. Any other image waits as long as the "
            "priority allows, and no image waits longer. If the model's output is hidden from you, only the "
            "priority counts.",
            "2026-03-02T10:14:26Z",
        )
    )
    call = serializers.SerializerMethodField(
        **explained(
            "The strongest call of the case's images, in the order `positive`, `doubt`, `unread`, "
            "`not_assessable`, `negative`. If two images have the same call, the one with the higher chance "
            "of a fracture counts. `negative` therefore means that every image was read and was assessable. "
            "While images wait for the model (`state` is `received`), the call comes from the others. Null "
            "if the model's output is hidden from you; the other fields that hold model output are then null "
            "too, and `due_at` leaves it out.",
            "doubt",
        ),
    )
    finding = serializers.SerializerMethodField(
        **explained(
            "The same as `call`, with one older value: `refused` means `not_assessable`.",
            "doubt",
        )
    )
    code = serializers.SerializerMethodField(
        **explained(
            "`outside_indications`: `call` stays `unread` because the release must not be used for some of "
            "the images (`unread_images` counts them). Null in all other cases. Each image says why.",
            "outside_indications",
        )
    )
    fracture_probability = serializers.SerializerMethodField(
        **explained(
            "The chance of a fracture of the image that gives `call`, 0 to 1; null where there is none, "
            "or where the release's call may not be used.",
            0.21,
        )
    )
    unread_images = serializers.SerializerMethodField(
        **explained(
            "Images that the model has not read and won't read without another try or release; 0 or more. "
            "0 of cases that were closed before this was counted.",
            0,
        ),
    )
    not_assessable_images = serializers.SerializerMethodField(
        **explained(
            "Images that the model called not assessable; 0 or more. 0 of cases that were closed before this "
            "was counted.",
            0,
        ),
    )
    refused_images = serializers.SerializerMethodField(
        **explained("The same as `not_assessable_images`, by its older name.", 0)
    )
    predicted_class = serializers.SerializerMethodField(
        **explained("The predicted class; null unless `call` is `positive` or `doubt`.", "spiral")
    )
    confidence = serializers.SerializerMethodField(
        **explained("Calibrated probability of the class, 0 to 1; null where there is none.", 0.62)
    )
    signed = serializers.SerializerMethodField(
        help_text="What was signed; null while the case is open or withdrawn, and if the model's output is "
        "hidden from you: an opinion may say that its reader agreed with it."
    )
    claim = serializers.SerializerMethodField(help_text="Who reads it now; null for nobody.")
    image_count = serializers.SerializerMethodField(
        **explained("How many images the case has, 1 to 20; 0 until it is received.", 2)
    )
    thumbnail = serializers.SerializerMethodField(
        **explained(
            "Address of the first image's small JPEG.",
            f"https://callus.example.org/api/v1/images/{AN_IMAGE}/thumbnail",
        )
    )

    class Meta:
        model = Case
        fields = [
            *("id", "short_name", "site", "state", "priority"),
            *("received_at", "due_at", "closed_at"),
            *("call", "finding", "code", "fracture_probability"),
            *("unread_images", "not_assessable_images", "refused_images"),
            *("predicted_class", "confidence", "signed", "claim"),
            *("heading", "accession_number", "patient_reference"),
            *("age_band", "sex", "body_part", "side", "projection", "clinical_question"),
            *("source", "is_synthetic", "is_blind", "image_count", "thumbnail"),
        ]
        read_only_fields = fields
        extra_kwargs = CASE_COLUMNS

    def disclosed_case(self, case: Case) -> DisclosedCase:
        """The case as the caller may see it now, from ``context_of``."""
        disclosed: DisclosedCase = self.context["disclosed_cases"][case.pk]
        return disclosed

    def get_due_at(self, case: Case) -> datetime:
        return self.disclosed_case(case).due_at

    @extend_schema_field(CallField(allow_null=True))
    def get_call(self, case: Case) -> str | None:
        call = self.disclosed_case(case).call
        return None if call is None else call.name.lower()

    @extend_schema_field(FindingField(allow_null=True))
    def get_finding(self, case: Case) -> str | None:
        call = self.disclosed_case(case).call
        return None if call is None else FINDING_VALUES[call]

    @extend_schema_field(UnreadCodeField(allow_null=True))
    def get_code(self, case: Case) -> str | None:
        return self.disclosed_case(case).unread_code or None

    def get_fracture_probability(self, case: Case) -> float | None:
        disclosed = self.disclosed_case(case).deciding
        return disclosed.fracture_probability if disclosed else None

    def get_unread_images(self, case: Case) -> int | None:
        disclosed = self.disclosed_case(case)
        return disclosed.unread_images if disclosed.is_shown else None

    def get_not_assessable_images(self, case: Case) -> int | None:
        disclosed = self.disclosed_case(case)
        return disclosed.not_assessable_images if disclosed.is_shown else None

    def get_refused_images(self, case: Case) -> int | None:
        return self.get_not_assessable_images(case)

    @extend_schema_field(ClassField(allow_null=True))
    def get_predicted_class(self, case: Case) -> str | None:
        return self.disclosed_case(case).predicted_class or None

    def get_confidence(self, case: Case) -> float | None:
        return self.disclosed_case(case).confidence

    @extend_schema_field(SignedSerializer(allow_null=True))
    def get_signed(self, case: Case) -> dict[str, Any] | None:
        signed = self.context["signed"]().get(case.pk)
        return SignedSerializer(signed).data if signed else None

    @extend_schema_field(claims.ClaimSerializer(allow_null=True))
    def get_claim(self, case: Case) -> dict[str, Any] | None:
        return claims.live_claim(case.reading)

    def get_image_count(self, case: Case) -> int:
        return len(case.images.all())

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_thumbnail(self, case: Case) -> str | None:
        image = case.first_image
        request = self.context["request"]
        return reverse("api_image_thumbnail", args=[image.pk], request=request) if image else None
