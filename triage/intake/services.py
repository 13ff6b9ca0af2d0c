"""Accepts a case durably, withdraws one that was sent by mistake, and dismisses one that was refused."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import roles_at
from accounts.acts import Act
from accounts.models import Site, User
from accounts.refusals import Conflict, NotPermitted, Refused, refuse_nul
from accounts.roles import SENDS_CASES
from accounts.services.events import emit
from accounts.texts import as_read
from triage.intake import queue
from triage.intake.details import CaseDetails
from triage.intake.dispatch import send_decode_queued_on_commit
from triage.intake.errors import IntakeBusy, IntakeRefused
from triage.intake.incoming import IncomingFile, check_number
from triage.intake.orphans import remove, remove_after_commit
from triage.models import Case, DecodeJob
from triage.models.case import LONGEST_REASON
from triage.models.reading import Ended
from triage.review.actions import Action, Actions
from triage.review.claims import emit_lapsed, end, lock_case
from triage.review.interim import checked_interim
from triage.states import CASE_MOVES, CaseState, check_move
from triage.vocabulary import Source


def arrive_case(
    *,
    sender: User,
    site: Site,
    files: Sequence[IncomingFile],
    details: CaseDetails,
    source: Source,
    is_synthetic: bool = False,
    several_studies: bool = False,
    interim: Mapping[str, str] | None = None,
) -> Case:
    """Accepts a case durably: its rows are committed, and its files lie in the storage.

    Case, decode jobs and the audit row are written in one transaction. Intake workers decode the files, and
    the last one decides (``triage.intake.decision``).

    Args:
        several_studies: the sender says that files of several studies of one patient are one case.
        interim: what the sender thinks and did: ``interim_fracture``, ``treated_as`` and ``note``.

    Raises:
        NotPermitted: the sender may not send to this site.
        Refused: the interim opinion doesn't hold together.
        IntakeRefused: too many files or none, or a field that can't be meant. There is no case then.
        IntakeBusy: too many files wait already. These are removed.
    """
    require_sender(sender, site)
    check_number(len(files))
    case = _new_case(sender, site, details, source, is_synthetic)
    case.several_studies = several_studies
    case.interim_given = checked_interim(**interim) if interim else None
    try:
        queue.check_room()
    except IntakeBusy:
        remove(file.stored for file in files)  # no row names them
        raise
    _save(case, files)
    return case


def require_sender(sender: User, site: Site) -> None:
    """Raises NotPermitted unless ``sender`` may send to ``site``."""
    require_sending_role(roles_at(sender, site.pk))


def require_sending_role(roles: Collection[str]) -> None:
    """Raises NotPermitted unless one of ``roles`` sends cases. Ask before reading what was sent."""
    if not set(roles).intersection(SENDS_CASES):
        raise NotPermitted("may_not_send", _("You may not send cases to this site."))


def _new_case(
    sender: User, site: Site, details: CaseDetails, source: Source, is_synthetic: bool
) -> Case:
    """An unsaved, checked case. Its deadline is that of its arrival until the decision dates it."""
    received_at = timezone.now()
    values = asdict(details)
    case = Case(
        sender=sender,
        site=site,
        source=source,
        is_synthetic=is_synthetic,
        state=CaseState.ARRIVING,
        received_at=received_at,
        due_at=received_at,
        priority_due_at=received_at,
        **values,
    )
    wrong = _unreadable(values)
    if wrong:
        raise IntakeRefused(_("Some fields are not valid."), fields=wrong)
    # The body part may still be found in a header.
    checked = {name for name, value in values.items() if name != "body_part" or value}
    try:
        case.clean_fields(exclude={field.name for field in Case._meta.fields} - checked)
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


# Without a savepoint: whoever calls this in a transaction gives it up if it fails.
@transaction.atomic(savepoint=False)
def _save(case: Case, files: Sequence[IncomingFile]) -> None:
    case.save(force_insert=True)
    queue.enqueue(case, files)
    send_decode_queued_on_commit(len(files))
    emit(
        Act.CASE_ARRIVED,
        case,
        actor=case.sender,
        site=case.site,
        before={},
        after={"state": case.state, "priority": case.priority, "files": len(files)},
        private=[name for name in Case.OF_PATIENT if getattr(case, name)],
        source=case.source,
    )


@transaction.atomic
def dismiss_case(*, case: Case, actor: User) -> Case:
    """Takes a refused case off its sender's list: they have seen why. Again is no error.

    Files that were kept because nobody could read them are removed.

    Raises:
        NotPermitted: somebody else sent it. Conflict: it was not refused.
    """
    # Jobs before cases, the order of all locks. FOR NO KEY UPDATE, as everywhere: rows that reference these
    # must not wait for us.
    jobs = DecodeJob.objects.select_for_update(no_key=True).filter(case_id=case.pk).order_by("pk")
    kept = [job for job in jobs if job.original]
    rows = Case.objects.select_for_update(of=("self",), no_key=True).select_related("site")
    case = rows.get(pk=case.pk)
    if case.sender_id != actor.pk:
        raise NotPermitted("not_your_case", _("Only its sender dismisses a refused case."))
    if case.state != CaseState.REFUSED:
        raise Conflict("not_refused", _("Only a refused case can be dismissed."))
    if case.dismissed_at is None:
        case.dismissed_at = timezone.now()
        case.save(update_fields=["dismissed_at"])
        DecodeJob.objects.filter(pk__in=[job.pk for job in kept]).update(original="")
        remove_after_commit([str(job.original.name) for job in kept])
        emit(
            Act.CASE_DISMISSED,
            case,
            actor=actor,
            site=case.site,
            before={"dismissed": False},
            after={"dismissed": True},
        )
    return case


def note_answered(case: Case) -> None:
    """The answer to the sender's request said why the case was refused: it isn't kept in their list too.

    A case whose files are kept stays there: dismissing it removes them.
    """
    if not case.decode_jobs.exclude(original="").exists():
        dismiss_case(case=case, actor=case.sender)


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
