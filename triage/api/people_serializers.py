"""The people of a site, its API clients, and what was done to them, as JSON."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from knox.models import AuthToken
from rest_framework import serializers

from accounts.forms import PERSON_ROLES
from accounts.models import AuditEntry, Membership
from accounts.roles import Role
from triage.api.confirming import ConfirmedSerializer
from triage.api.examples import A_MEMBERSHIP, FIRST_LETTERS
from triage.api.fields import CodeField, TextField
from triage.api.me import PersonSerializer
from triage.api.schema import explained
from triage.api.shown import FieldsMadeOnce


@extend_schema_field(
    {"type": "string", "enum": [value for value, _label in PERSON_ROLES]},
    component_name="PersonRole",
)
class PersonRoleField(CodeField):
    """What a person may be at a site. A program has a role of its own, which no person gets."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=PERSON_ROLES, **options)


def _roles(text: str) -> serializers.ListField:
    field: serializers.ListField = serializers.ListField(
        child=PersonRoleField(), min_length=1, **explained(text, ["clinician", "reviewer"])
    )
    return field


ID = explained("The id of the membership, a UUID.", A_MEMBERSHIP)
IS_ACTIVE = explained("False: they no longer belong to the site, and may be brought back.", True)


class MemberSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    person = PersonSerializer(source="user", help_text="Who it is.")
    email = serializers.SerializerMethodField(
        **explained(
            "The address to sign in with; null for an API client, which signs in with none.",
            "rita@example.org",
        )
    )
    roles = serializers.ListField(
        child=CodeField(Role.choices),
        **explained(
            "What they may do at the site; `service` alone for an API client.",
            ["clinician", "reviewer"],
        ),
    )

    class Meta:
        model = Membership
        fields = ["id", "person", "email", "roles", "is_active"]
        read_only_fields = fields
        extra_kwargs = {"id": ID, "is_active": IS_ACTIVE}

    @extend_schema_field(serializers.EmailField(allow_null=True))
    def get_email(self, member: Membership) -> str | None:
        return None if member.user.is_service else str(member.user.email)


class MemberListSerializer(serializers.Serializer):
    results = MemberSerializer(many=True, help_text="The oldest first, at most 100.")
    next = serializers.URLField(
        allow_null=True, **explained("The next page; null on the last one.", None)
    )


class AddPersonSerializer(ConfirmedSerializer):
    name = TextField(
        max_length=120,
        **explained("Used where the address has no account yet; at most 120.", "Nora New"),
    )
    email = serializers.EmailField(
        max_length=254, **explained("The address to sign in with.", "nora@example.org")
    )
    roles = _roles("What they may do at the site, at least one.")


class ChangeRolesSerializer(ConfirmedSerializer):
    roles = _roles("All that they may do at the site from now on, at least one.")


class TokenSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    key = serializers.CharField(
        source="token_key",
        **explained("Its first letters, by which people recognise it.", FIRST_LETTERS),
    )

    class Meta:
        model = AuthToken
        fields = ["key", "created", "expiry"]
        read_only_fields = fields
        extra_kwargs = {
            "created": explained("When it was made, in UTC.", "2026-03-02T07:14:27Z"),
            "expiry": explained("When it ends, in UTC.", "2027-03-02T07:14:27Z"),
        }


class ClientSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    name = serializers.CharField(
        source="user.name", **explained("The system that uses it.", "PACS gateway")
    )
    tokens = serializers.SerializerMethodField(
        help_text="Those that still work or have expired, the oldest first."
    )

    class Meta:
        model = Membership
        fields = ["id", "name", "is_active", "tokens"]
        read_only_fields = fields
        extra_kwargs = {"id": ID, "is_active": IS_ACTIVE}

    @extend_schema_field(TokenSerializer(many=True))
    def get_tokens(self, client: Membership) -> Any:
        tokens = client.user.auth_token_set.all()  # type: ignore[attr-defined]  # a list fetches them
        # Of two that were made in one moment the same one comes first each time.
        tokens = sorted(tokens, key=lambda token: (token.created, token.digest))
        return TokenSerializer(tokens, many=True).data


class ClientListSerializer(serializers.Serializer):
    results = ClientSerializer(many=True, help_text="The oldest first, at most 100.")
    next = serializers.URLField(
        allow_null=True, **explained("The next page; null on the last one.", None)
    )


class ClientWithTokenSerializer(ClientSerializer):
    token = serializers.CharField(
        allow_null=True,
        **explained(
            "Shown this once: only its hash is kept. Null where the request came before.",
            FIRST_LETTERS + "4f1c9be0d3c45a1c8" * 3,
        ),
    )

    class Meta(ClientSerializer.Meta):
        fields = [*ClientSerializer.Meta.fields, "token"]
        read_only_fields = fields


class AddClientSerializer(ConfirmedSerializer):
    name = TextField(
        max_length=120,
        **explained("The system that will use it, at most 120 characters.", "PACS gateway"),
    )


class AddTokenSerializer(ConfirmedSerializer):
    known = TextField(
        required=False,
        allow_blank=True,
        max_length=64,
        **explained(
            "`key` of the newest token that you know of, empty for none. If another is the newest, the "
            "answer is 409 `tokens_changed`.",
            FIRST_LETTERS,
        ),
    )


class PeopleChangeSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    actor = PersonSerializer(allow_null=True, help_text="Who did it; null: the system.")
    act = serializers.CharField(
        source="verb", **explained("What was done, for programs.", "membership.roles_changed")
    )
    label = serializers.CharField(**explained("What was done, for people.", "Roles changed"))
    member = serializers.CharField(
        source="subject_id",
        **explained("The id of the membership that it was done to.", A_MEMBERSHIP),
    )

    class Meta:
        model = AuditEntry
        fields = ["at", "actor", "act", "label", "member"]
        read_only_fields = fields
        extra_kwargs = {"at": explained("When, in UTC.", "2026-03-02T07:14:27Z")}


class PeopleChangeListSerializer(serializers.Serializer):
    results = PeopleChangeSerializer(many=True, help_text="The newest first, at most 50.")
    next = serializers.URLField(
        allow_null=True, **explained("The page of those before; null if there are none.", None)
    )
