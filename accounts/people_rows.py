"""The rows of the people page: what its viewer may change of each person, and why not the rest."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Membership, Site, User
from accounts.refusals import Refused
from accounts.services.permission import own_roles, refusals_to_manage


@dataclass(frozen=True)
class PersonRow:
    """``refusal``: why the viewer changes nothing of this person, or gives them nothing."""

    member: Membership
    is_own: bool
    may_change: bool
    refusal: Refused | None

    @property
    def may_untick(self) -> bool:
        """Whether other roles can be saved. Who has one role can't give it up: they would have none."""
        return self.may_change and not (self.is_own and len(self.member.roles) < 2)

    @property
    def why_not(self) -> str:
        return self.refusal.message if self.refusal else ""


def person_rows(members: Iterable[Membership], viewer: User, site: Site) -> list[PersonRow]:
    members = list(members)
    refused = refusals_to_manage(viewer, site, [member.user for member in members])
    return [_row(member, viewer, refused.get(member.user_id)) for member in members]


def _row(member: Membership, viewer: User, refused: Refused | None) -> PersonRow:
    is_own = member.user_id == viewer.pk
    refusal = refused or (own_roles() if is_own else None)
    return PersonRow(member, is_own, may_change=refused is None, refusal=refusal)
