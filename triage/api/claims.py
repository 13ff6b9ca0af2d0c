"""Claims: a lease on a case, so that two readers don't read the same one."""

from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.me import PersonSerializer
from triage.api.schema import described, explained
from triage.api.views import Nothing, Resource, no_content
from triage.models import Case, Reading
from triage.review import claims


class ClaimSerializer(serializers.Serializer):
    holder = PersonSerializer(help_text="Who reads the case now.")
    until = serializers.DateTimeField(
        **explained("When the claim ends, in UTC. Renew it before.", "2026-03-02T09:29:27Z")
    )


def live_claim(reading: Reading | None) -> dict[str, Any] | None:
    """The claim of a reading that goes on; null once it ran out."""
    if reading is None or not reading.is_claimed:
        return None
    return ClaimSerializer({"holder": reading.reader, "until": reading.claimed_until}).data


class Claim(Resource):
    @described(
        "claim_case",
        "Claim a case, or renew your own claim; 409 names who holds it",
        answers={200: ClaimSerializer},
        errors=(400, 401, 403, 404, 409),
        once=True,
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """A claim ends by itself. A sender can't claim their own case."""
        case = self.visible(Case.objects.all(), case_id)
        self.checked(Nothing)
        reading = self.once(Reading, lambda: claims.claim(case=case, reader=request.user))
        if not reading.is_claimed:  # the request came before, and its claim has ended since
            raise claims.claim_lapsed()
        return Response(live_claim(reading))

    @described(
        "release_case",
        "Give your claim back",
        answers={204: None},
        errors=(400, 401, 404, 409),
    )
    def delete(self, request: Request, case_id: UUID) -> Response:
        """The case is free for others at once."""
        case = self.visible(Case.objects.all(), case_id)
        self.checked(Nothing)
        claims.give_back_claim(case=case, reader=request.user)
        return no_content()


class Renewal(Resource):
    @described(
        "renew_claim",
        "Renew a claim that you still hold; 409 where it ran out",
        answers={200: ClaimSerializer},
        errors=(400, 401, 403, 404, 409),
    )
    def post(self, request: Request, case_id: UUID) -> Response:
        """Renew it while you read. After a claim has run out, another reader may have the case."""
        case = self.visible(Case.objects.all(), case_id)
        self.checked(Nothing)
        return Response(live_claim(claims.renew(case=case, reader=request.user)))
