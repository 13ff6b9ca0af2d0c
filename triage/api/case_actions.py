"""Actions on a case other than reading: withdraw it, or classify it again."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.case_detail_serializers import CaseDetailSerializer
from triage.api.cases import case_response, known_case
from triage.api.fields import TextField
from triage.api.schema import described, explained
from triage.api.views import Nothing, Resource, StrictSerializer
from triage.inference.services import retry_case
from triage.intake.services import dismiss_case, withdraw_case
from triage.models import Case, Skip
from triage.review.skips import skip_case


class WithdrawCaseSerializer(StrictSerializer):
    reason = TextField(
        max_length=500,
        **explained("Why, at most 500 characters. It stays with the case.", "Wrong patient"),
    )


class Withdrawal(Resource):
    @described(
        "withdraw_case",
        "Take a case that was sent by mistake out of the worklist; nothing is deleted",
        request=WithdrawCaseSerializer,
        answers={200: CaseDetailSerializer},
        errors=(400, 401, 403, 404, 409),
        once=True,
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """The sender or a reader of the site may withdraw an open case.

        The case keeps who withdrew it and why.
        """
        case = self.visible(Case.objects.all(), case_id)
        reason = self.checked(WithdrawCaseSerializer)["reason"]

        def withdraw() -> Case:
            return withdraw_case(case=case, actor=request.user, reason=reason)

        return case_response(request, self.once(Case, withdraw))


class SkipCaseSerializer(StrictSerializer):
    reason = TextField(
        max_length=500,
        default="",
        allow_blank=True,
        **explained("Why, at most 500 characters; may be empty.", "I know the patient"),
    )


class Skipping(Resource):
    @described(
        "skip_case",
        "Pass a case over: it stays in the list, and your Next leaves it out for twelve hours",
        request=SkipCaseSerializer,
        answers={200: CaseDetailSerializer},
        errors=(400, 401, 403, 404, 409),
        once=True,
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """Your own claim on it ends."""
        case = self.visible(Case.objects.all(), case_id)
        reason = self.checked(SkipCaseSerializer)["reason"]

        def skip() -> Skip:
            return skip_case(case=case, reader=request.user, reason=reason)

        return case_response(request, self.once(Skip, skip).case)


class Dismissal(Resource):
    @described(
        "dismiss_case",
        "Take a refused case that you sent off your list of refused cases",
        answers={200: CaseDetailSerializer},
        errors=(400, 401, 403, 404, 409),
        once=True,
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """You have seen why it was refused. A case that an upload's answer refused is dismissed already."""
        case = known_case(request, case_id)
        self.checked(Nothing)

        def dismiss() -> Case:
            return dismiss_case(case=case, actor=request.user)

        return case_response(request, self.once(Case, dismiss))


class Retry(Resource):
    @described(
        "retry_case",
        "Queue the failed images of a failed case for the active release",
        answers={200: CaseDetailSerializer},
        errors=(400, 401, 404, 409),
        once=True,
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """Each failed image gets fresh tries; predictions that exist stay. 409 while no release is active."""
        case = self.visible(Case.objects.all(), case_id)
        self.checked(Nothing)

        def retry() -> Case:
            retry_case(case=case, actor=request.user)
            return case

        return case_response(request, self.once(Case, retry))
