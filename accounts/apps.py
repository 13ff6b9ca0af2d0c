from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and sites"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from accounts.models.user import password_changed
        from accounts.privileges import grant_to_application
        from accounts.services import passwords

        def after_migrate(using: str, **_: Any) -> None:
            grant_to_application(using)

        post_migrate.connect(after_migrate, weak=False, dispatch_uid="accounts.grant")
        password_changed.connect(passwords.end_old_password, dispatch_uid="accounts.password")
        user_logged_in.connect(passwords.record_sign_in, dispatch_uid="accounts.signed_in")
        user_logged_out.connect(passwords.record_sign_out, dispatch_uid="accounts.signed_out")
