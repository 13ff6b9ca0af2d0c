"""A person or an API client that can sign in."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id

#: Sent with ``user`` in the transaction that stores another password, whichever view or command does it.
password_changed = Signal()

STAFF_APPS = frozenset({"accounts", "knox", "triage"})


class UserManager(BaseUserManager["User"]):
    """Makes users. Addresses are kept in lower case, so one person can't exist twice."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Staff of the installation. Being staff opens no case: only a membership does."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Signs in by e-mail address. Never deleted, only made inactive: signed reviews name them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("staff of the installation"), default=False)
    is_service = models.BooleanField(_("API client"), default=False)
    date_joined = models.DateTimeField(_("joined"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            # ``unique`` of the field distinguishes A from a; two such addresses are one person's.
            models.UniqueConstraint(Lower("email"), name="user_email_is_unique_in_any_case"),
            models.CheckConstraint(
                condition=Q(is_service=False) | Q(is_staff=False, is_superuser=False),
                name="user_api_client_is_no_staff",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **options: Any) -> None:
        """Also says that the password was changed: pages, the admin and commands all store it here."""
        # ``set_password`` leaves the new one in ``_password`` until it is stored; a hash that is only
        # renewed when somebody signs in does not.
        changed = getattr(self, "_password", None) is not None and not self._state.adding
        with transaction.atomic():
            super().save(*args, **options)
            if changed:
                password_changed.send(sender=User, user=self)

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Staff manage people, sites, tokens and releases in the Django admin; it shows no case."""
        return self.is_active and (
            self.is_superuser or (self.is_staff and perm.split(".")[0] in STAFF_APPS)
        )

    def has_module_perms(self, app_label: str) -> bool:
        return self.has_perm(app_label)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]
