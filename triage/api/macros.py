"""The caller's own macros: what a shortcut becomes while they write an opinion."""

from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from triage.api.examples import A_MACRO
from triage.api.fields import TextField
from triage.api.schema import described, explained
from triage.api.views import Nothing, Resource, StrictSerializer, no_content
from triage.models import Macro
from triage.models.macro import LONGEST_SHORTCUT, LONGEST_TEXT
from triage.review.macros import add_macro, change_macro, delete_macro, macros_of

SHORTCUT = explained(
    "A slash and 1 to 23 letters, digits, `-` or `_`; kept in small letters. You have one macro of each.",
    "/nf",
)
TEXT = explained("What it becomes, 1 to 2,000 characters.", "No fracture. Alignment is normal.")


class MacroSerializer(serializers.ModelSerializer):
    class Meta:
        model = Macro
        fields = ["id", "shortcut", "text"]
        extra_kwargs = {
            "id": explained("The macro's id, a UUID.", A_MACRO),
            "shortcut": SHORTCUT,
            "text": TEXT,
        }


class MacroListSerializer(serializers.Serializer):
    results = MacroSerializer(many=True, help_text="All your macros, by shortcut: at most 100.")


class SaveMacroSerializer(StrictSerializer):
    shortcut = TextField(max_length=LONGEST_SHORTCUT, **SHORTCUT)
    text = TextField(max_length=LONGEST_TEXT, **TEXT)


class Macros(Resource):
    @described("macros", "Your macros", answers={200: MacroListSerializer})
    def get(self, request: Request) -> Response:
        """The case page writes the text of a macro in place of its shortcut. Nobody else sees them."""
        return Response(MacroListSerializer({"results": macros_of(request.user)}).data)

    @described(
        "add_macro",
        "Add a macro of your own",
        request=SaveMacroSerializer,
        answers={201: MacroSerializer},
        errors=(400, 401, 409),
        once=True,
    )
    def post(self, request: Request) -> Response:
        """At most 100 of a person."""
        given: dict[str, Any] = self.checked(SaveMacroSerializer)
        made = self.once(Macro, lambda: add_macro(reader=request.user, **given))
        return Response(MacroSerializer(made).data, status=201)


class OneMacro(Resource):
    @described(
        "change_macro",
        "Change a macro of your own",
        request=SaveMacroSerializer,
        answers={200: MacroSerializer},
        errors=(400, 401, 404, 409),
    )
    def put(self, request: Request, macro_id: UUID) -> Response:
        """What was signed with it stays as it is."""
        macro = Macro.objects.filter(reader=request.user, pk=macro_id).first()
        if macro is None:
            raise Http404
        changed = change_macro(macro=macro, **self.checked(SaveMacroSerializer))
        return Response(MacroSerializer(changed).data)

    @described(
        "delete_macro", "Delete a macro of your own", answers={204: None}, errors=(400, 401, 404)
    )
    def delete(self, request: Request, macro_id: UUID) -> Response:
        """Returns 404 where you have no such macro, or no more."""
        self.checked(Nothing)
        if not Macro.objects.filter(reader=request.user, pk=macro_id).exists():
            raise Http404
        delete_macro(reader=request.user, macro_id=macro_id)
        return no_content()
