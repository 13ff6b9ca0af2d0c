"""Who gets a mail: people of the site who hold the role today and haven't turned notices off."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from accounts.models import Membership, User
from accounts.roles import Role
from triage.models import NoticeChoice
from triage.models.call_back import Owner


def recipients(
    site_id: UUID, roles: Iterable[str], *, person: UUID | None, besides: Iterable[UUID] = ()
) -> list[User]:
    """People of the site, in the order of their ids, which is the order in which rows are written.

    Args:
        roles: members of ``Owner``; whoever holds one of them.
        person: who ``Owner.SENDER`` is.
        besides: people who get none.
    """
    roles = set(roles)
    held = Membership.objects.current().filter(site_id=site_id, user__is_service=False)
    found = held.holding([Role(role) for role in roles - {Owner.SENDER}]).exclude(
        user_id__in=[*besides]
    )
    who = Q(pk__in=found.values("user_id"))
    if Owner.SENDER in roles and person is not None:
        who |= Q(pk__in=held.filter(user_id=person).values("user_id"))
    off = NoticeChoice.objects.filter(by_email=False).values("user_id")
    people = User.objects.filter(who, is_active=True)
    return list(people.exclude(pk__in=off).order_by("pk"))
