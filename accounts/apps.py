from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and sites"

    def ready(self) -> None:
        from allauth.account.signals import password_changed, password_reset, password_set

        from accounts.models import User
        from accounts.privileges import grant_to_application
        from accounts.services.tokens import end_all_tokens

        def after_migrate(using: str, **_: Any) -> None:
            grant_to_application(using)

        def after_new_password(user: User, **_: Any) -> None:
            end_all_tokens(user)

        post_migrate.connect(after_migrate, weak=False, dispatch_uid="accounts.grant")
        for signal in (password_changed, password_reset, password_set):
            signal.connect(after_new_password, weak=False, dispatch_uid="accounts.end_tokens")
