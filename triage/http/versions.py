"""What pages and REST say of other versions of a case: docs/decisions/0043-a-newer-version.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from triage.intake.versions import pictures_of, sent_again
from triage.models import Case, NewerVersion
from triage.states import CaseState


@dataclass(frozen=True)
class Version:
    """Another case that holds pictures of this one in other bytes.

    ``is_newer``: it came after this one. ``images``: positions of those pictures in this case.
    """

    case: Case
    is_newer: bool
    images: list[int]
    message: str


def versions_of(case: Case) -> list[Version]:
    """Newer versions first, each in the order of arrival. It says nothing of the model and of opinions.

    Of newer versions that replaced one another only the last is named: nobody reads the others any more.
    """
    rows = NewerVersion.objects.filter(Q(newer=case) | Q(earlier=case))
    if not rows.exists():  # as for most cases: fetching two cases' columns costs much more
        return []
    links = list(rows.select_related("newer", "earlier").order_by("newer", "earlier"))
    newer = [link.newer for link in links if link.earlier_id == case.pk]
    earlier = [link.earlier for link in links if link.newer_id == case.pk]
    followed: dict[UUID | None, UUID | None] = {other.pk: other.replaced_by_id for other in newer}
    read_instead = case.replaced_by_id
    while followed.get(read_instead) in followed:
        read_instead = followed[read_instead]
    newer = [other for other in newer if other.replaced_by_id not in followed]
    pictures = pictures_of([case.pk, *(other.pk for other in (*newer, *earlier))])
    own = pictures[case.pk]
    several = len(own) > 1
    found = []
    for other in newer:
        images = [here for _there, here in sent_again(pictures[other.pk], own)]
        text = _newer_text(case, other.pk == read_instead)
        found.append(Version(other, True, images, _filled(text, other, images, several)))
    for other in earlier:
        images = [here for here, _there in sent_again(own, pictures[other.pk])]
        text = _earlier_text(case, other)
        found.append(Version(other, False, images, _filled(text, other, images, several)))
    return found


def _newer_text(case: Case, has_replaced_it: bool) -> str:
    if has_replaced_it:
        return _(
            "A newer version of this case came as case %(case)s and has replaced it. Nobody signs this one."
        )
    if case.state == CaseState.REVIEWED:
        return _(
            "A newer version of %(pictures)s came as case %(case)s. The signature here is for the earlier "
            "file."
        )
    if case.is_open:
        return _(
            "A newer version of %(pictures)s is in case %(case)s. Look at it before you sign this one."
        )
    return _("A newer version of %(pictures)s is in case %(case)s.")


def _earlier_text(case: Case, earlier: Case) -> str:
    if earlier.replaced_by_id == case.pk:
        return _(
            "This case is a newer version of case %(case)s, and has replaced it before anybody signed that "
            "one."
        )
    if earlier.state == CaseState.REVIEWED:
        return _(
            "Case %(case)s has an earlier version of %(pictures)s. The signature on it was for the earlier "
            "file, so this case is read anew."
        )
    if earlier.is_open:
        return _("Case %(case)s, which is still open, has an earlier version of %(pictures)s.")
    return _("Case %(case)s, which was withdrawn, has an earlier version of %(pictures)s.")


def _filled(text: str, other: Case, images: Sequence[int], several: bool) -> str:
    pictures = _("the picture")
    if several:
        numbers = ", ".join(map(str, images))
        pictures = ngettext("picture %(numbers)s", "pictures %(numbers)s", len(images))
        pictures %= {"numbers": numbers}
    return text % {"case": other.name, "pictures": pictures}
