"""The demonstration's site and its people. Their password is known: never for production."""

from django.db import transaction

from accounts.models import Membership, Site, User
from accounts.roles import Role
from accounts.services.audit import record
from demo.logins import PASSWORD

_PEOPLE = {
    "clinician@demo.callus.test": ("Dr. Ines Moreau", [Role.CLINICIAN]),
    "reviewer@demo.callus.test": ("Dr. Tomás Lindqvist", [Role.REVIEWER]),
    "admin@demo.callus.test": ("Amara Okafor", [Role.ADMIN]),
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
    record("demo.made", site, actor=None, site=site)
    return site
