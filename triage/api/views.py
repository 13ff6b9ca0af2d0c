"""What every view of the API has in common: who may call it, how large a body may be, how it is read."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from triage.api.authentication import ApiToken
from triage.api.errors import RequestTooLarge
from triage.http.repeats import NO_CONTENT, content_of, given_key, method_and_path
from triage.http.sizes import size_of
from triage.idempotency import Made, SentRequest, once
from triage.models.visibility import SiteOwnedQuerySet


class JsonParser(JSONParser):
    """Reads JSON. JSON that is nested too deeply is a bad request (400), not a server error."""

    def parse(self, *arguments: Any, **options: Any) -> Any:
        try:
            return super().parse(*arguments, **options)
        except RecursionError:
            raise ParseError(_("The JSON is nested too deeply.")) from None


class Resource(APIView):
    """One resource of the API. It refuses anonymous callers unless a subclass says otherwise."""

    authentication_classes = [ApiToken, SessionAuthentication]
    permission_classes = [IsAuthenticated]
    parser_classes = [JsonParser]
    came_before = False
    # Fields that a repeated request isn't recognised by: no digest of a password is kept.
    not_content: tuple[str, ...] = ()

    def max_body_bytes(self) -> int:
        """How large a request's body may be."""
        return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuses a body by its announced length, before signing in or parsing reads it.

        A WSGI server gives Django no byte beyond Content-Length, so the announced length binds.
        """
        try:
            announced = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            announced = 0
        most = self.max_body_bytes()
        if announced > most:
            text = _("The request has %(size)s, and at most %(limit)s are accepted here.")
            sizes = {"size": size_of(announced), "limit": size_of(most)}
            raise RequestTooLarge(text % sizes)
        if any("\x00" in value for __, values in request.query_params.lists() for value in values):
            raise ParseError(_("The address holds a NUL character."))
        super().initial(request, *args, **kwargs)

    def once(
        self, model: type[Made], make: Callable[[], Made], *, without_a_key: bool = False
    ) -> Made:
        """What the request makes; if it came before, what it made then (``triage.idempotency``).

        Every POST that makes or changes something calls its service through here. What raises, makes nothing.

        Args:
            without_a_key: requests without an Idempotency-Key are compared too, for a minute.
        """
        key = given_key(self.request)
        if not key and not without_a_key:
            return make()
        body, where = self.request.data, method_and_path(self.request)
        if self.not_content:
            body = {name: value for name, value in body.items() if name not in self.not_content}
        content = content_of(body)
        if self.request.query_params:
            query = dict(self.request.query_params.lists())
            content = content_of({"body": content, "query": query})
        made, self.came_before = once(
            SentRequest(self.request.user, where, content, key), model, make
        )
        return made

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Says of a request that came before that it made nothing now."""
        if self.came_before:
            response.headers["Idempotent-Replayed"] = "true"
        return super().finalize_response(request, response, *args, **kwargs)

    def checked(self, serializer: type[serializers.Serializer]) -> dict[str, Any]:
        """The request's body, read by ``serializer``. Raises ValidationError."""
        reader = serializer(data=self.request.data, context={"request": self.request})
        reader.is_valid(raise_exception=True)
        return reader.validated_data

    def visible(self, rows: SiteOwnedQuerySet, key: UUID) -> Any:
        """The row, or Http404 if it doesn't exist or this person may not see it."""
        found = rows.visible_to(self.request.user).filter(pk=key).first()
        if found is None:
            raise Http404
        return found


class StrictSerializer(serializers.Serializer):
    """Reads a request. An unknown field is an error that names the field; it is not ignored."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, Mapping):
            # A page's own form carries its key, and its CSRF token, which the framework has checked.
            unknown = set(data) - set(self.fields) - set(NO_CONTENT)
            if unknown:
                text = _("There is no such field.")
                raise serializers.ValidationError({name: [text] for name in sorted(unknown)})
        if isinstance(data, MultiValueDict):
            self._refuse_second_values(data)
        return super().to_internal_value(data)

    def _refuse_second_values(self, form: MultiValueDict) -> None:
        """Django's forms would take the last value and drop the others: of two patients, perhaps."""
        text = _("It was sent more than once, with different values.")
        wrong = {
            name: [text]
            for name, field in self.fields.items()
            if not isinstance(field, serializers.ListField)
            and any(value != form[name] for value in form.getlist(name))
        }
        if wrong:
            raise serializers.ValidationError(wrong)


class Nothing(StrictSerializer):
    """A request without a body, or with an empty object."""


class AnyAccept(BaseContentNegotiation):
    """For pictures: ignores the Accept header. A picture has its own format, and an error is JSON."""

    def select_parser(self, request: Request, parsers: list[BaseParser]) -> BaseParser:
        return parsers[0]

    def select_renderer(
        self, request: Request, renderers: list[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class NoSuchAddress(Resource):
    """Answers 404, with the API's error body, for every unknown path under /api/v1/.

    A malformed id is an unknown path.
    """

    authentication_classes = []
    permission_classes = [AllowAny]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404


def only_parameters(request: Request, *known: str) -> None:
    """Raises ValidationError naming each query parameter that is not ``known``."""
    unknown = sorted(set(request.query_params) - set(known))
    if unknown:
        text = _("There is no such parameter.")
        raise serializers.ValidationError({name: [text] for name in unknown})


def no_content() -> Response:
    return Response(status=204)
