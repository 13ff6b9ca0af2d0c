"""Whether a person gets notices by mail: their own choice."""

from django.db import transaction

from accounts.acts import Act
from accounts.models import User
from accounts.services.events import emit
from triage.models import NoticeChoice


def gets_mail(person: User) -> bool:
    return not NoticeChoice.objects.filter(user=person, by_email=False).exists()


@transaction.atomic
def choose_notices(*, person: User, by_email: bool) -> None:
    """Turns the person's own mails on or off. What waits for them on the front page stays."""
    before = gets_mail(person)
    if before == by_email:
        return
    NoticeChoice.objects.bulk_create(
        [NoticeChoice(user=person, by_email=by_email)],
        update_conflicts=True,
        unique_fields=["user"],
        update_fields=["by_email"],
    )
    emit(
        Act.NOTICES_CHANGED,
        person,
        actor=person,
        before={"by_email": before},
        after={"by_email": by_email},
    )
