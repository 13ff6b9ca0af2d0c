"""What gives somebody a right takes the caller's password too: a token alone never does."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.utils.translation import gettext as _
from rest_framework import serializers

from accounts.refusals import NotPermitted
from triage.api.schema import explained
from triage.api.views import Resource, StrictSerializer


class ConfirmedSerializer(StrictSerializer):
    """A request that gives a right. Whoever stole a token has no password to send with it."""

    password = serializers.CharField(
        trim_whitespace=False,
        max_length=1024,
        **explained(
            "Your own, again. A wrong one counts to the same limits as on the sign-in page.",
            "correct horse battery staple",
        ),
    )


class Confirmed(Resource):
    """A resource whose writing requests give rights."""

    not_content = ("password",)

    def confirmed(self, serializer: type[ConfirmedSerializer]) -> dict[str, Any]:
        """The request's body without the password, which was the caller's.

        Raises NotPermitted where it was wrong, and NotChecked.
        """
        given = self.checked(serializer)
        # Before any transaction: the count of tries must stay, whatever is rolled back.
        if not get_adapter().reauthenticate(self.request.user, given.pop("password")):
            raise NotPermitted("wrong_password", _("The password is wrong. Nothing was changed."))
        return given
