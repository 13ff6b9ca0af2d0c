"""The part of allauth that this installation uses: signing in and out, and passwords.

Changing one's own address is left out: it is how a site's admins know a person.
"""

from allauth.account.urls import urlpatterns as all_patterns

USED = {
    "account_login",
    "account_logout",
    "account_signup",  # says that accounts are made by an admin
    "account_inactive",
    "account_reauthenticate",
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}

urlpatterns = [pattern for pattern in all_patterns if pattern.name in USED]
