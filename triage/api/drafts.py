"""What the caller has written on a case and not signed. Nobody else sees it."""

from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.examples import A_CASE, A_REVIEW, A_VERSION, AN_EDITOR
from triage.api.schema import described, explained, with_example
from triage.api.views import Nothing, Resource, StrictSerializer, no_content, only_parameters
from triage.models import Case, Draft, Review
from triage.review.drafts import discard_draft, own_drafts, own_review, save_draft

CONTENT = explained(
    "Name of a field of the case page's form → its text, or a list of texts: "
    "those of an opinion, each as a text (`displaced`, `old`: `yes` or `no`; `places`: JSON; `classes` and "
    "`agrees`: lists), `critical` (a list: `on`), and `prediction`, the one that the reader saw (`none`: "
    "after their first reading no prediction gives the call). A page that shows another one asks again what "
    "`agrees` had answered, and after a first reading the answer. Unfinished and too long values are kept "
    "too. Empty fields are left out.",
    {"fracture": "none", "comment": "Seen at the second look."},
)
CORRECTS = OpenApiParameter(
    "corrects",
    UUID,
    description=with_example(
        "The id of your review, for the draft of its correction. Without it: the draft of your opinion.",
        A_REVIEW,
    ),
)


class DraftSerializer(serializers.ModelSerializer):
    case = serializers.UUIDField(
        source="case_id", **explained("The id of the case, a UUID.", A_CASE)
    )
    corrects = serializers.UUIDField(
        source="corrects_id",
        **explained(
            "The id of your review that it is a correction of; null of an opinion.", A_REVIEW
        ),
    )
    content = serializers.DictField(**CONTENT)

    class Meta:
        model = Draft
        fields = ["case", "corrects", "content", "version", "editor", "saved_at"]
        extra_kwargs = {
            "version": explained("Another one after each change, a UUID.", A_VERSION),
            "editor": explained(
                "The page or program that saved it last; null if it named none.", AN_EDITOR
            ),
            "saved_at": explained("When it was saved, in UTC.", "2026-03-02T09:19:57Z"),
        }


class DraftListSerializer(serializers.Serializer):
    results = DraftSerializer(
        many=True, help_text="Your drafts, the last saved first: at most 100."
    )


class SaveDraftSerializer(StrictSerializer):
    content = serializers.DictField(**CONTENT)
    version = serializers.UUIDField(
        default=None,
        allow_null=True,
        **explained(
            "The version that the content was made from; null where there was none. If another page has "
            "saved since, 409 with `draft_newer`: look at that one, then send its version to replace it.",
            A_VERSION,
        ),
    )
    editor = serializers.UUIDField(
        default=None,
        allow_null=True,
        **explained(
            "A UUID that the page or program chooses for itself. It may save again before it has read the "
            "answer, since it never conflicts with itself.",
            AN_EDITOR,
        ),
    )


class OneDraft(Resource):
    @described(
        "draft_of_case",
        "What you have written on a case and not signed; 404 where there is nothing",
        answers={200: DraftSerializer},
        errors=(400, 401, 404),
        parameters=[CORRECTS],
    )
    def get(self, request: Request, case_id: UUID) -> Response:
        """It ends when you sign, unless another page has saved what you did not sign. It stays when somebody
        else has signed, withdrawn or replaced the case.
        """
        case = self.visible(Case.objects.all(), case_id)
        found = Draft.objects.visible_to(request.user)
        draft = found.filter(case=case, corrects=self._corrects(case)).first()
        if draft is None:
            raise Http404
        return Response(DraftSerializer(draft).data)

    @described(
        "save_draft",
        "Save what you have written on a case until now",
        request=SaveDraftSerializer,
        answers={200: DraftSerializer, 204: None},
        errors=(400, 401, 403, 404, 409),
        parameters=[CORRECTS],
    )
    def put(self, request: Request, case_id: UUID) -> Response:
        """An empty content ends the draft, and is answered with 204, as is what you have signed already, and
        a correction that changes nothing: nothing is kept of it. Nothing is claimed or signed by it.
        """
        case = self.visible(Case.objects.all(), case_id)
        corrects = self._corrects(case)
        sent = self.checked(SaveDraftSerializer)
        draft = save_draft(case=case, reader=request.user, corrects=corrects, **sent)
        return no_content() if draft is None else Response(DraftSerializer(draft).data)

    @described(
        "discard_draft",
        "Delete what you have written on a case and not signed",
        answers={204: None},
        errors=(400, 401, 404),
        parameters=[CORRECTS],
    )
    def delete(self, request: Request, case_id: UUID) -> Response:
        """Also where there is nothing."""
        case = self.visible(Case.objects.all(), case_id)
        self.checked(Nothing)
        discard_draft(case=case, reader=request.user, corrects=self._corrects(case))
        return no_content()

    def _corrects(self, case: Case) -> Review | None:
        only_parameters(self.request, CORRECTS.name)
        given = self.request.query_params.get(CORRECTS.name)
        if given is None:
            return None
        review_id = serializers.UUIDField().run_validation(given)
        review = own_review(case, self.request.user, review_id)
        if review is None:
            raise Http404
        return review


class Drafts(Resource):
    @described(
        "drafts",
        "Your drafts of all cases, the last saved first",
        answers={200: DraftListSerializer},
    )
    def get(self, request: Request) -> Response:
        """Open and closed cases. A draft is deleted 30 days after its last save (`DRAFT_DAYS`)."""
        return Response(DraftListSerializer({"results": own_drafts(request.user)}).data)
