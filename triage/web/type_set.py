"""How often a release's set of types holds the true one, as it was measured, in words that are true."""

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from triage.models import Release

_COVERAGE = "manifest__metrics__types__set_coverage__value"
_PICTURES = "manifest__metrics__types__pictures"


@dataclass(frozen=True)
class TypeSet:
    """``coverage``: the share of held-out pictures whose type was in their set, 0..1.

    ``pictures``: how many those were.
    """

    coverage: float
    pictures: int

    @property
    def of_ten(self) -> int:
        """Rounded down: a promise that is a little too small is kept."""
        return int(self.coverage * 10)

    @property
    def measured(self) -> str:
        """Where the figure is from."""
        return _(
            "Measured on %(pictures)s pictures of fractures of its own collections, each kept out of "
            "training then: %(of_hundred)s in 100."
        ) % {
            "pictures": number_format(self.pictures, force_grouping=True),
            "of_hundred": round(self.coverage * 100),
        }


@lru_cache
def type_set(release_id: UUID) -> TypeSet | None:
    """None where the release's manifest doesn't say. Kept: a manifest is never changed."""
    coverage, pictures = Release.objects.values_list(_COVERAGE, _PICTURES).get(pk=release_id)
    return TypeSet(coverage, pictures) if coverage and pictures else None
