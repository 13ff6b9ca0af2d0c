"""Second opinions. A signed one never changes; a correction is a new one."""

from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.critical_of_review import CriticalOfReviewField
from triage.api.examples import A_CASE, A_PREDICTION_ID, A_REVIEW
from triage.api.fields import ClassField, ConclusionField
from triage.api.finality import IsFinalField
from triage.api.given_opinion import (
    FractureField,
    GivenOpinionSerializer,
    OpinionField,
    PlaceSerializer,
    given_opinion,
    opinion_of,
)
from triage.api.me import PersonSerializer
from triage.api.schema import described, explained
from triage.api.shown import FieldsMadeOnce
from triage.api.signatures import CorrectReviewSerializer, SignReviewSerializer
from triage.api.views import Resource
from triage.models import Case, Review
from triage.models.review import ReviewQuerySet
from triage.review.first_reading import lock_first_reading, reviews_shown
from triage.review.opinion import given_in
from triage.review.sentence import sentence
from triage.review.services import correct, sign
from triage.worklist.one_case import shown_case


def with_details(reviews: ReviewQuerySet) -> ReviewQuerySet:
    """Reviews with what ``ReviewSerializer`` shows beside the row: reader, correction, prediction."""
    return reviews.with_predictions().select_related("reader", "superseded_by")


class ReviewSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    reader = PersonSerializer(help_text="Who signed it.")
    fracture = FractureField(
        **explained(
            "Whether there is a fracture: `certain`, `possible`, `none`, `not_assessable`.",
            "certain",
        )
    )
    classes = serializers.ListField(
        child=ClassField(),
        **explained("The fracture's types; empty where none was named.", ["spiral"]),
    )
    places = PlaceSerializer(
        many=True, help_text="Where the reader drew the fracture; empty where they drew nothing."
    )
    summary = serializers.SerializerMethodField(
        **explained(
            "The opinion in words, as pages and reports say it; without the comment.",
            "Fracture, certain: spiral, displaced. Old: no.",
        )
    )
    opinion = serializers.SerializerMethodField(
        **explained("`fracture` and `agrees` as one word, for older clients.", "other_class")
    )
    conclusion = ConclusionField(
        read_only=True,
        **explained("What the opinion comes to, certain or possible.", "fracture"),
    )
    superseded_by = serializers.SerializerMethodField(
        **explained("The id of this review's correction; null where there is none.", A_REVIEW)
    )

    is_final = IsFinalField()
    critical = CriticalOfReviewField()

    class Meta:
        model = Review
        fields = [
            *("id", "case", "reader", "stage", "fracture", "classes", "displaced", "old", "places"),
            *("other_finding", "comment", "agrees", "switched"),
            *("summary", "opinion", "conclusion", "is_final"),
            *("prediction", "supersedes", "superseded_by", "signed_at", "critical"),
        ]
        read_only_fields = fields
        extra_kwargs = {
            "id": explained("The review's id, a UUID.", A_REVIEW),
            "case": explained("The id of its case.", A_CASE),
            "stage": explained(
                "The stage of the case's reading: `first` (blind), `second_opinion` or `third`.",
                "second_opinion",
            ),
            "displaced": explained("Whether the fracture is displaced; null: not said.", True),
            "old": explained("Whether the fracture is an old one; null: not said.", False),
            "other_finding": explained("Another finding, in words.", "Joint effusion."),
            "agrees": explained("Whether the reader agreed with the model.", False),
            "switched": explained(
                "Of the final opinion on a blind case: whether it differs from its reader's first reading in "
                "`fracture` or `classes`. Null elsewhere.",
                True,
            ),
            "comment": explained(
                "Free text, at most 4,000 characters.", "Seen at the second look."
            ),
            "prediction": explained(
                "The id of the prediction that the reader saw; null where they saw none.",
                A_PREDICTION_ID,
            ),
            "supersedes": explained(
                "The id of the review that it corrects; null where none.", A_REVIEW
            ),
            "signed_at": explained("When it was signed, in UTC.", "2026-03-02T09:20:11Z"),
        }

    def get_summary(self, review: Review) -> str:
        return sentence(given_in(review))

    @extend_schema_field(OpinionField)
    def get_opinion(self, review: Review) -> str:
        return opinion_of(review.fracture, review.agrees)

    def get_superseded_by(self, review: Review) -> UUID | None:
        correction = getattr(review, "superseded_by", None)
        return correction.pk if correction else None


class ReviewListSerializer(serializers.Serializer):
    results = ReviewSerializer(many=True, help_text="Every review of the case, the oldest first.")


class Reviews(Resource):
    @described(
        "case_reviews",
        "Every review of a case, corrected ones too, oldest first",
        answers={200: ReviewListSerializer},
        errors=(401, 404),
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        """A review that was corrected names its correction in `superseded_by`.

        Empty if the model's output is hidden from you, because a review that agrees with the model
        reveals it. Of a blind case only your own, until its final opinion is signed.
        """
        case = shown_case(request.user, self.visible(Case.objects.all(), case_id))
        reviews = reviews_shown(case, request.user)
        return Response(ReviewListSerializer({"results": reviews}).data)

    @described(
        "sign_review",
        "Sign the second opinion, which closes the case",
        request=SignReviewSerializer,
        answers={201: ReviewSerializer},
        errors=(400, 401, 403, 404, 409),
        once=True,
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """Claims the case first if nobody has claimed it.

        A blind case needs your first reading before: 409 (`first_reading_missing`), and then the
        prediction that you were shown: 409 (`prediction_unseen`). If the opinion differs
        from what the site's rules name, the case isn't closed but waits for a third reader (`is_final` is
        false, and the case's `state` is `third`), who signs here too. Send the `stage` that your reader was
        asked for: else a second opinion that comes after another one is the third, which decides.
        """
        case = self.visible(Case.objects.all(), case_id)
        sent = self.checked(SignReviewSerializer)
        prediction_id, critical = sent.pop("prediction"), sent.pop("critical")
        stage, given = sent.pop("stage"), given_opinion(sent)

        def signed() -> Review:
            return sign(
                case=case,
                reader=request.user,
                given=given,
                prediction_id=prediction_id,
                critical=critical,
                stage=stage,
            )

        return _signed(self.once(Review, signed))


class FirstReading(Resource):
    @described(
        "lock_first_reading",
        "Lock the first reading of a blind case; then you see what the model says",
        request=GivenOpinionSerializer,
        answers={201: ReviewSerializer},
        errors=(400, 401, 403, 404, 409),
        once=True,
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """Claims the case first if nobody has claimed it. A locked reading is never changed or corrected.

        Returns 409 if the case is not blind (`not_blind`), or if you have locked one
        (`first_reading_locked`).
        """
        case = self.visible(Case.objects.all(), case_id)
        given = given_opinion(self.checked(GivenOpinionSerializer))

        def locked() -> Review:
            return lock_first_reading(case=case, reader=request.user, given=given)

        return _signed(self.once(Review, locked))


class Corrections(Resource):
    @described(
        "correct_review",
        "Sign a correction of your own review; the old one stays",
        request=CorrectReviewSerializer,
        answers={201: ReviewSerializer},
        errors=(400, 401, 403, 404, 409),
        once=True,
    )
    def post(self, request: Request, review_id: UUID) -> Response:
        """A review is corrected once; correct the correction after that."""
        review = self.visible(Review.objects.select_related("case", "prediction"), review_id)
        sent = self.checked(CorrectReviewSerializer)
        critical, given = sent.pop("critical"), given_opinion(sent)

        def corrected() -> Review:
            return correct(review=review, reader=request.user, given=given, critical=critical)

        return _signed(self.once(Review, corrected))


def _signed(review: Review) -> Response:
    review.case.refresh_from_db(fields=["state", "third_because"])  # what the signature made of it
    return Response(ReviewSerializer(review).data, status=201)
