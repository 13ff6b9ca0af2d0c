"""The demonstration's site and its people. Their password is known: never for production."""

from django.db import transaction

from accounts.acts import Act
from accounts.models import Membership, Site, User
from accounts.roles import Role
from accounts.services.events import emit
from demo.logins import ADMIN, CLINICIAN, PASSWORD, READER, SECOND_READER

_PEOPLE = {
    CLINICIAN: ("Dr. Ines Moreau", [Role.CLINICIAN]),
    READER: ("Dr. Tomás Lindqvist", [Role.REVIEWER]),
    SECOND_READER: ("Dr. Mei Castellanos", [Role.REVIEWER]),
    ADMIN: ("Amara Okafor", [Role.ADMIN]),
}


@transaction.atomic
def make_people() -> Site:
    """The demonstration's site and people. Idempotent."""
    site, made = Site.objects.get_or_create(slug="demo", defaults={"name": "Demo Clinic"})
    if not made:
        return site
    for email, (name, roles) in _PEOPLE.items():
        user = User.objects.create_user(email, PASSWORD, name=name)
        Membership.objects.create(user=user, site=site, roles=roles)
    User.objects.create_superuser("staff@demo.callus.test", PASSWORD, name="Sam Hoffmann")
    after = {"people": len(_PEOPLE) + 1}
    emit(Act.DEMO_CREATED, site, actor=None, site=site, before={}, after=after)
    return site
