"""Ready lists: where each is, and how many rows it has."""

from django.urls import reverse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import time_zone_of
from triage.api.fields import CodeField
from triage.api.schema import described, explained
from triage.api.views import Resource, only_parameters
from triage.disclosure import disclosure_for
from triage.report.ready_lists import MOST_COUNTED, READY_LISTS, CountedList, ready_lists


class ReadyListSerializer(serializers.Serializer):
    name = CodeField(
        choices=[(ready.name, ready.name) for ready in READY_LISTS],
        source="ready.name",
        **explained("Its name, for programs.", "suspected"),
    )
    label = serializers.CharField(
        source="ready.label", **explained("Its name, for people.", "Suspected")
    )
    address = serializers.SerializerMethodField(
        **explained("Where its rows are.", "/api/v1/worklist?call=positive")
    )
    params = serializers.SerializerMethodField(
        **explained(
            "Its view, as a query string of the worklist, for Next and for a saved view. Null for `sent`, "
            "`new_answers` and `call_back`, which are lists of their own; empty for the usual list.",
            "call=positive",
        )
    )
    count = serializers.IntegerField(
        min_value=0,
        max_value=MOST_COUNTED,
        **explained("How many rows it has, counted no further than 1000.", 41),
    )
    has_more = serializers.BooleanField(
        source="is_more", **explained("Whether there are more than `count`.", False)
    )

    def get_address(self, counted: CountedList) -> str:
        address = reverse(counted.ready.resource)
        params = self.get_params(counted)
        return f"{address}?{params}" if params else address

    def get_params(self, counted: CountedList) -> str | None:
        return counted.view.params() if counted.view else None


class ReadyListsSerializer(serializers.Serializer):
    results = ReadyListSerializer(
        many=True, help_text="All lists that you may open, in the order of the page."
    )


class ReadyLists(Resource):
    @described(
        "ready_lists",
        "The lists that are ready to be opened, each with the number of its rows",
        answers={200: ReadyListsSerializer},
        errors=(400, 401),
    )
    def get(self, request: Request) -> Response:
        """In the order of the page. Lists by what the model says are left out if that is hidden from you,
        and "sent by me" and "new answers" where you send none. "Today" is that of your site's time zone.
        """
        only_parameters(request)
        with timezone.override(time_zone_of(request.user)):
            found = ready_lists(request.user, disclosure_for(request.user))
        return Response(ReadyListsSerializer({"results": found}).data)
