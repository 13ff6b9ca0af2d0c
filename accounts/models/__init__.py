"""The models: people and API clients, sites and memberships, audit trail and outbox."""

from accounts.models.audit import AuditEntry
from accounts.models.membership import Membership
from accounts.models.outbox import OutboxLoss, OutboxMessage
from accounts.models.sign_in_try import SignInTry
from accounts.models.site import Site
from accounts.models.user import User

__all__ = ["AuditEntry", "Membership", "OutboxLoss", "OutboxMessage", "SignInTry", "Site", "User"]
