"""The roles that a membership can hold, and what each may do. One table, read everywhere."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    CLINICIAN = "clinician", _("Clinician")
    REVIEWER = "reviewer", _("Reviewer")
    ADMIN = "admin", _("Site admin")
    SERVICE = "service", _("API client")


READS_CASES = (Role.CLINICIAN, Role.REVIEWER, Role.SERVICE)
SENDS_CASES = (Role.CLINICIAN, Role.SERVICE)
SIGNS_REVIEWS = (Role.CLINICIAN, Role.REVIEWER)
MANAGES_SITE = (Role.ADMIN,)
