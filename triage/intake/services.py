"""Receives a case, completely or not at all, and withdraws a case that was sent by mistake."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import sites_where
from accounts.acts import Act
from accounts.models import Site, User
from accounts.refusals import NotPermitted, Refused, refuse_nul
from accounts.roles import SENDS_CASES
from accounts.services.events import emit
from accounts.texts import as_read
from triage.inference.services import queue_case
from triage.intake.belonging import Header, check_belonging
from triage.intake.decoding import DecodedFile, IncomingFile, check_sex, decode_files
from triage.intake.details import CaseDetails
from triage.intake.errors import IntakeRefused
from triage.intake.files import StoredFiles, store
from triage.intake.image_rows import new_image
from triage.intake.studies import series_of_files
from triage.models import Case, Image
from triage.models.case import LONGEST_REASON
from triage.models.reading import Ended
from triage.review.actions import Action, Actions
from triage.review.claims import emit_lapsed, end, lock_case
from triage.states import CASE_MOVES, CaseState, check_move
from triage.vocabulary import Source
from triage.worklist.deadlines import WaitTable
from triage.worklist.table_lock import keep_table


@dataclass(frozen=True)
class Duplicate:
    """The same bytes came to this site before."""

    file_name: str
    earlier_case_id: UUID
    earlier_accession: str


@dataclass(frozen=True)
class Received:
    """A case that is stored and queued, with the files that the site had before."""

    case: Case
    duplicates: list[Duplicate]


def receive_case(
    *,
    sender: User,
    site: Site,
    files: Sequence[IncomingFile],
    details: CaseDetails,
    source: Source,
    is_synthetic: bool = False,
    several_studies: bool = False,
) -> Received:
    """Receives a case, completely or not at all.

    1. Decode every file in the sandbox; compare the patients of the files; fill gaps from the headers.
    2. Write what the decoder made beside the originals, which are in the storage since they arrived.
    3. Write case, studies, series, images, jobs and the audit row in one transaction.

    Args:
        several_studies: the sender says that files of several studies of one patient are one case.

    Raises:
        NotPermitted: the sender may not send to this site.
        IntakeRefused: a file or a field was refused. All or nothing: no row names a file.
    """
    require_sender(sender, site)
    accepted = decode_files(files)
    headers = [Header(decoded.file.name, decoded.image.identity) for decoded in accepted]
    differing = check_belonging(headers, several_studies)
    check_sex(details, accepted)
    given, details = details, details.filled_from(decoded.image.tags for decoded in accepted)
    case = _new_case(sender, site, details, source, is_synthetic)
    case.from_header = details.added_to(given)
    stored = [store(decoded) for decoded in accepted]
    duplicates = _seen_before(site, accepted)
    _save(case, given, accepted, stored, duplicates, differing)
    return Received(case, duplicates)


def require_sender(sender: User, site: Site) -> None:
    """Raises NotPermitted unless ``sender`` may send to ``site``. Ask before reading what they sent."""
    if site.pk not in sites_where(sender, SENDS_CASES):
        raise NotPermitted("may_not_send", _("You may not send cases to this site."))


def _new_case(
    sender: User, site: Site, details: CaseDetails, source: Source, is_synthetic: bool
) -> Case:
    """An unsaved, checked case without its deadline: the table may change while its files are stored."""
    received_at = timezone.now()
    values = asdict(details)
    case = Case(
        sender=sender,
        site=site,
        source=source,
        is_synthetic=is_synthetic,
        state=CaseState.RECEIVED,
        received_at=received_at,
        due_at=received_at,
        priority_due_at=received_at,
        **values,
    )
    wrong = _unreadable(values)
    if wrong:
        raise IntakeRefused(_("Some fields are not valid."), fields=wrong)
    try:
        case.clean_fields(exclude={field.name for field in Case._meta.fields} - set(values))
    except ValidationError as error:
        raise IntakeRefused(_("Some fields are not valid."), fields=error.message_dict) from None
    return case


def _unreadable(values: Mapping[str, object]) -> dict[str, list[str]]:
    """Sentences about each field that PostgreSQL can't store, or that was sent in another encoding."""
    wrong = {}
    for name, value in values.items():
        if "\0" in str(value):
            wrong[name] = [_("It contains a character that can't be stored.")]
        elif "\ufffd" in str(value):  # Django puts it in place of what it can't decode
            wrong[name] = [_("It is not UTF-8, so some letters can't be read. Send it as UTF-8.")]
    return wrong


def _seen_before(site: Site, accepted: list[DecodedFile]) -> list[Duplicate]:
    """For each file, the first case of the site with the same bytes."""
    names = {decoded.sha256: decoded.file.name for decoded in accepted}
    earlier = (
        Image.objects.filter(site=site, sha256__in=names)
        .select_related("case")
        .order_by("sha256", "created_at")
        .distinct("sha256")
    )
    return [
        Duplicate(names[image.sha256], image.case_id, image.case.accession_number)
        for image in earlier
    ]


@transaction.atomic
def _save(
    case: Case,
    given: CaseDetails,
    accepted: list[DecodedFile],
    stored: list[StoredFiles],
    duplicates: list[Duplicate],
    differing: list[str],
) -> None:
    # Until the commit nobody changes the site's table of waits: a change then finds this case and dates it
    # anew. The first of the locks here; ``emit`` takes the last (docs/architecture.md).
    keep_table(case.site_id)
    case.priority_due_at = WaitTable.of(case.site_id).due(case.received_at, case.priority)
    case.due_at = case.priority_due_at  # no model has read it yet
    case.save(force_insert=True)
    series = series_of_files(case, [decoded.image.facts for decoded in accepted])
    images = Image.objects.bulk_create(
        new_image(case, position, given, *parts)
        for position, parts in enumerate(zip(accepted, stored, series, strict=True), start=1)
    )
    queue_case(case, images)
    emit(
        Act.CASE_RECEIVED,
        case,
        actor=case.sender,
        site=case.site,
        before={},
        after={"state": case.state, "priority": case.priority, "images": len(images)},
        private=[name for name in Case.OF_PATIENT if getattr(case, name)],
        source=case.source,
        duplicates=len(duplicates),
        **({"several_studies": differing} if differing else {}),  # keywords, never values
    )


@transaction.atomic
def withdraw_case(*, case: Case, actor: User, reason: str) -> Case:
    """Takes an open case out of the worklist. It is never deleted: it keeps who withdrew it and why.

    1. Lock the case and its reading, so that nobody claims or signs it meanwhile.
    2. End the reading that goes on, and close the case.
    3. Emit the event last, as everywhere: its chain's lock is the last of all locks.

    Raises:
        NotPermitted: neither the sender nor a reader of the site. Conflict: closed already, or
        another reader is at it. Refused: no reason given.
    """
    case = lock_case(case)
    Actions(case, actor).require(Action.WITHDRAW)
    reason = _withdrawal_reason(reason)
    check_move(case.state, CaseState.WITHDRAWN, CASE_MOVES)
    # A live claim is the actor's own: any other was refused above.
    holder = str(actor.pk) if case.is_claimed_by(actor) else None
    before = {"state": case.state, "claimed_by": holder}
    lapsed = end(case, Ended.WITHDRAWN)
    case.state = CaseState.WITHDRAWN
    case.withdrawn_by = actor
    case.withdrawn_reason = reason
    case.closed_at = Now()
    case.save(update_fields=["state", "withdrawn_by", "withdrawn_reason", "closed_at"])
    case.refresh_from_db(fields=["closed_at"])
    emit_lapsed(case, lapsed)
    emit(
        Act.CASE_WITHDRAWN,
        case,
        actor=actor,
        site=case.site,
        before=before,
        after={"state": case.state, "claimed_by": None},
        private=["withdrawn_reason"],
    )
    return case


def _withdrawal_reason(text: str) -> str:
    """The reason as it is stored. Raises Refused if it is empty, too long, or can't be stored."""
    reason = as_read(text)
    refuse_nul(reason)
    if not reason:
        raise Refused("reason_missing", _("Say why the case is withdrawn."))
    if len(reason) > LONGEST_REASON:
        message = _("The reason has %(given)d characters; at most %(most)d are kept. Shorten it.")
        raise Refused("reason_too_long", message % {"given": len(reason), "most": LONGEST_REASON})
    return reason
