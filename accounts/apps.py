from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People and sites"

    def ready(self) -> None:
        from accounts.privileges import grant_to_application

        def after_migrate(using: str, **_: Any) -> None:
            grant_to_application(using)

        post_migrate.connect(after_migrate, weak=False, dispatch_uid="accounts.grant")
