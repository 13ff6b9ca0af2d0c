"""allauth's password forms, changed where they would find or check a person in another way than we do."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, ResetPasswordForm

from accounts.services.tries import find_person


class ChangePassword(ChangePasswordForm):
    def clean_oldpassword(self) -> str:
        """Counts a wrong password like every other: an open session must not be a place to guess."""
        given: str = self.cleaned_data["oldpassword"]
        adapter = get_adapter()
        if not adapter.reauthenticate(self.user, given):
            raise adapter.validation_error("enter_current_password")
        return given


class ResetPassword(ResetPasswordForm):
    def clean_email(self) -> str:
        """Only a person's own address gets a link; an API client has no password to choose."""
        given: str = self.cleaned_data["email"]
        person = find_person(given)
        self.users = [person] if person and person.is_active else []
        return person.email if person else given
