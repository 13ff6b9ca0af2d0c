"""A case with everything that belongs to it, as the API shows one case and answers a new one."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, prefetch_related_objects
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from triage.api.case_columns import CASE_COLUMNS
from triage.api.case_notes import (
    ContradictionSerializer,
    DuplicateSerializer,
    PatientQuestionSerializer,
    VersionSerializer,
)
from triage.api.case_serializers import CaseSerializer
from triage.api.examples import A_CASE, A_PREDICTION_ID
from triage.api.fields import CodeField
from triage.api.images import ImageSerializer, with_readings
from triage.api.me import PersonSerializer
from triage.api.reviews import ReviewSerializer, with_details
from triage.api.schema import FileErrorSerializer, RefusalSerializer, explained
from triage.disclosure import with_deciding_prediction
from triage.http.contradictions import contradictions_of
from triage.http.versions import versions_of
from triage.intake.refusals import refusal_of
from triage.intake.same_patient import patient_questions
from triage.models import Case, Image, Review
from triage.models.case import CaseQuerySet
from triage.review.actions import Action, Actions
from triage.review.first_reading import reviews_shown
from triage.review.third_reading import third_because_shown
from triage.states import CaseState
from triage.vocabulary import Differs


def case_in_detail(case_id: UUID, among: CaseQuerySet | None = None) -> Case:
    """The case with what ``CaseDetailSerializer`` shows of it, in a fixed number of queries.

    Raises Case.DoesNotExist if it isn't ``among`` those cases, of all if None.
    """
    cases = Case.objects.all() if among is None else among
    cases = with_deciding_prediction(cases.select_related("site", "sender", "withdrawn_by"))
    case = cases.with_reading().get(pk=case_id)
    if case.is_received:
        images, reviews = with_readings(Image.objects.all()), with_details(Review.objects.all())
    else:  # it has none of either, and asking for them costs as much as all of its answer
        images, reviews = Image.objects.none(), Review.objects.none()
    prefetch_related_objects([case], Prefetch("images", images), Prefetch("reviews", reviews))
    return case


class ActionSerializer(serializers.Serializer):
    """Something that can be done with a case, and whether you may do it now."""

    action = CodeField(
        [action.value for action in Action],
        **explained(
            "What can be done. `sign` and `lock_first_reading` (of a blind case) include claiming the case; "
            "`release` gives your claim back. `take_over` claims what another holds and has left idle; "
            "`end_claim` and `change_priority` are a lead's.",
            "withdraw",
        ),
    )
    allowed = serializers.BooleanField(**explained("Whether you may do it now.", False))
    code = serializers.CharField(
        allow_null=True,
        **explained("The code of the error that you would get; null where allowed.", "case_closed"),
    )
    reason = serializers.CharField(
        **explained("The same in a sentence; empty where allowed.", "This case is closed already.")
    )


class CaseDetailSerializer(CaseSerializer):
    sender = PersonSerializer(help_text="Who sent it.")
    withdrawn_by = PersonSerializer(
        allow_null=True, help_text="Who withdrew it; null unless it was withdrawn."
    )
    prediction = serializers.SerializerMethodField(
        **explained(
            "The prediction that gives `call` and class; agree with it by its id. Null where the case "
            "counts as unread.",
            A_PREDICTION_ID,
        ),
    )
    images = ImageSerializer(many=True, help_text="The case's pictures, in their order.")
    reviews = serializers.SerializerMethodField(
        help_text="Every review, the oldest first. None where the model's output is hidden from you: a "
        "review may say that its reader agreed with it."
    )
    header_contradicts = serializers.SerializerMethodField(
        help_text="Fields in which DICOM headers contradict the sender, whose values count; empty where "
        "none do. Is each file of this patient, and of this examination?"
    )
    patient_contradicts = serializers.SerializerMethodField(
        help_text="Sex and age band where they don't fit an earlier case of the same patient reference; "
        "empty where they do. Is it the same patient?"
    )
    newer_version_of = serializers.SerializerMethodField(
        help_text="Earlier cases whose instances (SOP Instance UID) this one holds in other bytes, in the "
        "order of their arrival."
    )
    newer_versions = serializers.SerializerMethodField(
        help_text="Later cases that hold instances of this one in other bytes."
    )
    third_because = serializers.SerializerMethodField(
        **explained(
            "What the final opinion differed from, so that a third reader is or was asked: `first`, "
            "`interim`, `model`. Empty: nobody was asked, or you may not know yet what was signed.",
            ["first"],
        )
    )
    refusal = serializers.SerializerMethodField(
        help_text="Why the case was refused; null unless `state` is `refused`."
    )
    actions = serializers.SerializerMethodField(help_text="What you may do with the case now.")

    class Meta(CaseSerializer.Meta):
        fields = [
            *CaseSerializer.Meta.fields,
            *("sender", "withdrawn_by", "withdrawn_reason", "prediction", "images", "reviews"),
            *("header_contradicts", "patient_contradicts", "newer_version_of", "newer_versions"),
            *("replaced_by", "third_because", "refusal", "actions"),
        ]
        read_only_fields = fields
        extra_kwargs = {
            **CASE_COLUMNS,
            "withdrawn_reason": explained(
                "Why a person withdrew it, at most 500 characters; empty otherwise.",
                "Wrong patient",
            ),
            "replaced_by": explained(
                "The newer version that withdrew this case, since it brought all of its pictures anew before "
                "anybody signed; null otherwise.",
                A_CASE,
            ),
        }

    def get_prediction(self, case: Case) -> UUID | None:
        return self.disclosed_case(case).deciding_id

    @extend_schema_field(serializers.ListField(child=CodeField(Differs.choices)))
    def get_third_because(self, case: Case) -> list[str]:
        return [differs.value for differs in third_because_shown(self.disclosed_case(case))]

    @extend_schema_field(ReviewSerializer(many=True))
    def get_reviews(self, case: Case) -> list[dict[str, Any]]:
        reviews = reviews_shown(
            self.disclosed_case(case), self.context["request"].user, case.reviews.all()
        )
        return ReviewSerializer(reviews, many=True).data

    @extend_schema_field(ContradictionSerializer(many=True))
    def get_header_contradicts(self, case: Case) -> object:
        return ContradictionSerializer(contradictions_of(case), many=True).data

    @extend_schema_field(PatientQuestionSerializer(many=True))
    def get_patient_contradicts(self, case: Case) -> object:
        return PatientQuestionSerializer(patient_questions(case), many=True).data

    @extend_schema_field(VersionSerializer(many=True))
    def get_newer_version_of(self, case: Case) -> object:
        return self._versions(case, newer=False)

    @extend_schema_field(VersionSerializer(many=True))
    def get_newer_versions(self, case: Case) -> object:
        return self._versions(case, newer=True)

    def _versions(self, case: Case, *, newer: bool) -> object:
        known = self.context.setdefault("versions", {})  # asked for twice
        if case.pk not in known:
            known[case.pk] = versions_of(case)
        found = [version for version in known[case.pk] if version.is_newer == newer]
        return VersionSerializer(found, many=True).data

    @extend_schema_field(RefusalSerializer(allow_null=True))
    def get_refusal(self, case: Case) -> dict[str, Any] | None:
        if case.state != CaseState.REFUSED:
            return None
        refused = refusal_of(case)
        return {
            "code": refused.code,
            "message": refused.message,
            "fields": refused.fields,
            "files": FileErrorSerializer(refused.files, many=True).data,
        }

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, case: Case) -> list[dict[str, Any]]:
        actions = Actions(case, self.context["request"].user)
        refusals = ((action, actions.refusal(action)) for action in Action)
        return [
            {
                "action": action.value,
                "allowed": refusal is None,
                "code": refusal.code if refusal else None,
                "reason": refusal.message if refusal else "",
            }
            for action, refusal in refusals
        ]


class NewCaseSerializer(CaseDetailSerializer):
    duplicates = serializers.SerializerMethodField(
        help_text="Files that the site had before; empty where none."
    )

    already_sent = serializers.SerializerMethodField(
        **explained(
            "True: the same request came before, under the same key or within a minute. This is the case "
            "that it made; nothing was made now.",
            False,
        )
    )

    class Meta(CaseDetailSerializer.Meta):
        fields = [*CaseDetailSerializer.Meta.fields, "duplicates", "already_sent"]
        read_only_fields = fields

    def get_already_sent(self, case: Case) -> bool:
        return bool(self.context["already_sent"])

    @extend_schema_field(DuplicateSerializer(many=True))
    def get_duplicates(self, case: Case) -> object:
        return DuplicateSerializer(self.context["duplicates"], many=True).data
