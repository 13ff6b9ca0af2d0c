"""The caller's own views of the worklist."""

from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.examples import A_VIEW
from triage.api.fields import TextField
from triage.api.schema import described, explained
from triage.api.views import Nothing, Resource, StrictSerializer, no_content
from triage.models import SavedView
from triage.models.saved_view import LONGEST_NAME, LONGEST_PARAMS
from triage.worklist.saved_views import delete_view, save_view, views_of

NAME = explained("Its name, 1 to 40 characters; you have one view of each.", "Wrists in doubt")
PARAMS = explained(
    "The query string of the worklist, as `GET /api/v1/worklist` takes it; empty for the usual list.",
    "call=doubt&priority=stat",
)
DEFAULT = explained("Whether the page of the worklist begins with it; one view at most.", True)


class SavedViewSerializer(serializers.ModelSerializer):
    class Meta:
        model = SavedView
        fields = ["id", "name", "params", "is_default"]
        extra_kwargs = {
            "id": explained("The view's id, a UUID.", A_VIEW),
            "name": NAME,
            "params": PARAMS,
            "is_default": DEFAULT,
        }


class SavedViewListSerializer(serializers.Serializer):
    results = SavedViewSerializer(many=True, help_text="All your views, by name: at most 20.")


class SaveViewSerializer(StrictSerializer):
    name = TextField(max_length=LONGEST_NAME, **NAME)
    params = TextField(max_length=LONGEST_PARAMS, default="", allow_blank=True, **PARAMS)
    is_default = serializers.BooleanField(default=False, **DEFAULT)


class SavedViews(Resource):
    @described("views", "Your views of the worklist", answers={200: SavedViewListSerializer})
    def get(self, request: Request) -> Response:
        """A view is an address under a name: whoever opens it sees their own cases."""
        return Response(SavedViewListSerializer({"results": views_of(request.user)}).data)

    @described(
        "save_view",
        "Save a view of the worklist; one of the same name is replaced",
        request=SaveViewSerializer,
        answers={201: SavedViewSerializer},
        errors=(400, 401),
        once=True,
    )
    def post(self, request: Request) -> Response:
        """At most 20 of a person."""
        given: dict[str, Any] = self.checked(SaveViewSerializer)
        made = self.once(SavedView, lambda: save_view(person=request.user, **given))
        return Response(SavedViewSerializer(made).data, status=201)


class OneSavedView(Resource):
    @described(
        "delete_view", "Delete a view of your own", answers={204: None}, errors=(400, 401, 404)
    )
    def delete(self, request: Request, view_id: UUID) -> Response:
        """Returns 404 where you have no such view, or no more."""
        self.checked(Nothing)
        if not SavedView.objects.filter(person=request.user, pk=view_id).exists():
            raise Http404
        delete_view(person=request.user, view_id=view_id)
        return no_content()
