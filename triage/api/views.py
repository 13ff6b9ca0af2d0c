"""What the resources share."""

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from triage.models import Case

T = TypeVar("T", bound=Model)


class Resource(APIView):
    """Signed-in people only; what isn't visible to them doesn't exist."""

    def visible(self, queryset: QuerySet[T], pk: UUID) -> T:
        """The row, or 404: the same answer for "isn't yours" as for "isn't"."""
        found = queryset.visible_to(self.request.user).filter(pk=pk).first()  # type: ignore[attr-defined]
        if found is None:
            raise Http404
        return found

    def case(self, pk: UUID) -> Case:
        return self.visible(Case.objects.select_related("site", "claimed_by", "sender"), pk)

    def read(self, serializer: type[Serializer]) -> dict[str, Any]:
        """The request's checked fields. Raises ValidationError."""
        incoming = serializer(data=self.request.data)
        incoming.is_valid(raise_exception=True)
        return dict(incoming.validated_data)
