"""Wrong passwords of the last hours, as the throttle counts them."""

from django.db import models
from django.db.models.functions import Now

HEX = 64  # digits of a SHA-256


class SignInTry(models.Model):
    """A password that was wrong, or that is being checked at this moment.

    ``checked_until`` is set while nobody knows yet whether it is right. When that time has come, the process
    that checked it has died, and the row counts as a wrong password.

    Both columns are keyed hashes: the row of somebody unknown must not keep what a stranger typed, which
    may be a password in the wrong field.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    person = models.CharField(max_length=HEX)
    address = models.CharField(max_length=HEX)
    checked_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # The throttle reads the newest tries of a person and of an address before each password.
            models.Index(fields=["person", "-at"], name="try_by_person"),
            models.Index(fields=["address", "-at"], name="try_by_address"),
            models.Index(fields=["at"], name="try_by_age"),  # to forget the old ones
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S}"
