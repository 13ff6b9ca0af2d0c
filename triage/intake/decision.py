"""The decision on a case whose files have all been decoded: it is received, or refused with its reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from accounts.acts import Act
from accounts.contention import retry_contention
from accounts.services.events import emit
from triage.inference.services import queue_case
from triage.intake import queue
from triage.intake.answer import DecodedImage
from triage.intake.belonging import Header, belonging_refusal, differing_keywords
from triage.intake.blindness import is_read_blind
from triage.intake.decoded import image_of, is_readable
from triage.intake.details import CaseDetails
from triage.intake.duplicates import duplicates_of
from triage.intake.image_rows import new_image
from triage.intake.orphans import remove
from triage.intake.refusals import NOT_DECODED, FileReason, Refusal
from triage.intake.replacing import Versions, link_and_replace, take_over_place
from triage.intake.studies import series_of_files
from triage.intake.versions import cases_with_its_instances, decoded_picture
from triage.models import Case, DecodeJob, Image
from triage.review.interim import record_on_receipt
from triage.states import CASE_MOVES, CaseState, JobState, check_move
from triage.worklist.deadlines import WaitTable
from triage.worklist.table_lock import keep_table


def conclude(case_id: UUID) -> None:
    """Decides if all files of the case have ended and nobody has given it yet.

    Call after each job's end is committed: of two workers that end the last two jobs at the same moment, at
    least the later one finds both ended. Never call it inside a transaction: files of a refused case are
    removed once its row says so.
    """
    if not queue.unfinished(case_id):
        # A crash before it leaves files without a row, which the sweep of orphans removes.
        remove(retry_contention(partial(_conclude, case_id)))


@transaction.atomic
def _conclude(case_id: UUID) -> list[str]:
    """Returns the storage names of files that no row names any more.

    1. Lock the site's table of waits, the jobs and the case: in the order of all locks.
    2. If the case still arrives: judge it by what the decoder said of its files. What another version wrote
       may be unreadable here: those files are decoded again, and the case arrives until then. Hold its
       pictures, and lock the site's cases with the same instances too (``triage.intake.replacing``).
    3. Move it on, and emit the event last.
    """
    case = Case.objects.get(pk=case_id)  # while it arrives, nobody changes what its sender gave
    # Until the commit nobody changes the site's table of waits: a change then finds this case and dates it
    # anew. The first of the locks here; ``emit`` takes the last (docs/architecture.md).
    keep_table(case.site_id)
    # FOR NO KEY UPDATE, as everywhere: rows that reference these must not wait for us.
    rows = DecodeJob.objects.select_for_update(no_key=True).filter(case_id=case_id)
    jobs = sorted(rows.order_by("pk"), key=lambda job: job.position)
    if any(job.state in (JobState.QUEUED, JobState.RUNNING) for job in jobs):
        return []  # a job was taken back meanwhile
    # A decision removes all answers: while there is one, the case arrives.
    if unreadable := [job for job in jobs if not is_readable(job)]:
        return queue.decode_again(unreadable)
    given = _given(case)
    decoded = [(job, image_of(job.answer)) for job in jobs if job.answer is not None]
    images = [image for _job, image in decoded]
    details = given.filled_from(image.tags for image in images)
    pictures = [decoded_picture(job, image) for job, image in decoded]
    others = cases_with_its_instances(case.site_id, case.pk, details, pictures)
    cases = Case.objects.select_for_update(of=("self",), no_key=True)
    locked = cases.select_related("site", "sender").filter(pk__in=[case.pk, *others])
    by_id = {row.pk: row for row in locked.order_by("pk")}
    case = by_id.pop(case_id)
    if case.state != CaseState.ARRIVING:
        return []  # somebody else was faster
    refusal = _refusal(case, jobs, images, details)
    if refusal is not None:
        return _refuse(case, jobs, refusal)
    versions = Versions.of(case, pictures, list(by_id.values()))
    case.is_blind = is_read_blind(case, pictures, versions)
    _receive(case, jobs, images, given, details, versions)
    return []


def _given(case: Case) -> CaseDetails:
    """What the sender said: nothing has filled the gaps yet."""
    return CaseDetails(**{field.name: getattr(case, field.name) for field in fields(CaseDetails)})


def _refusal(
    case: Case, jobs: Sequence[DecodeJob], images: Sequence[DecodedImage], details: CaseDetails
) -> Refusal | None:
    if refused := [_file_refusal(job) for job in jobs if job.answer is None]:
        return Refusal(refused)
    headers = [
        Header(job.position, image.identity) for job, image in zip(jobs, images, strict=True)
    ]
    if refusal := belonging_refusal(headers, case.several_studies):
        return refusal
    if case.sex and (
        refused := [
            FileReason(job.position, "sex_differs")
            for job, image in zip(jobs, images, strict=True)
            if image.tags.get("sex") not in (None, "", case.sex)
        ]
    ):
        # The file, or the form, is then of another patient.
        return Refusal(refused)
    return None if details.body_part else Refusal(fields=["body_part"])


def _file_refusal(job: DecodeJob) -> FileReason:
    """Why there is no answer: the file's own refusal, or tries that all failed here."""
    return FileReason(job.position, job.refusal_code or NOT_DECODED, job.refusal_params)


def _receive(
    case: Case,
    jobs: Sequence[DecodeJob],
    images: Sequence[DecodedImage],
    given: CaseDetails,
    details: CaseDetails,
    versions: Versions,
) -> None:
    check_move(case.state, CaseState.RECEIVED, CASE_MOVES)
    for name, value in asdict(details).items():
        setattr(case, name, value)
    case.from_header = details.added_to(given)
    case.state = CaseState.RECEIVED
    arrived_at = case.received_at
    take_over_place(case, versions.replaced)
    # From the arrival on: what decoding took is a part of the patient's wait.
    case.priority_due_at = WaitTable.of(case.site_id).due(case.received_at, case.priority)
    case.due_at = case.priority_due_at  # no model has read it yet
    interim = record_on_receipt(case, arrived_at, versions.replaced)
    case.save()
    series = series_of_files(case, [image.facts for image in images])
    rows = Image.objects.bulk_create(
        new_image(case, given, *parts) for parts in zip(jobs, images, series, strict=True)
    )
    _forget(jobs)
    if versions.replaced_by is None:
        queue_case(case, rows)
    replaced = link_and_replace(case, versions)
    differing = differing_keywords(
        [Header(job.position, image.identity) for job, image in zip(jobs, images, strict=True)]
    )
    _emit_received(case, rows, {"several_studies": differing} if differing else {}, versions)
    interim.emit()
    for ended in replaced:
        ended.emit()


def _emit_received(
    case: Case,
    images: Sequence[Image],
    differing: Mapping[str, list[str]],
    versions: Versions,
) -> None:
    emit(
        Act.CASE_RECEIVED,
        case,
        actor=case.sender,
        site=case.site,
        before={"state": CaseState.ARRIVING},
        # Also of a case that a newer version has ended by now: that is the next event.
        after={
            "state": CaseState.RECEIVED,
            "priority": case.priority,
            "images": len(images),
            "is_blind": case.is_blind,
        },
        private=[name for name in Case.OF_PATIENT if getattr(case, name)],
        source=case.source,
        duplicates=len(duplicates_of(case, images)),
        **differing,  # keywords, never values
        **versions.facts,
    )


def _forget(jobs: Sequence[DecodeJob], with_originals: bool = True) -> None:
    """What an image has now, and what was needed for the decision only."""
    rows = DecodeJob.objects.filter(pk__in=[job.pk for job in jobs])
    rows.update(derived={}, answer=None, **({"original": ""} if with_originals else {}))


def _refuse(case: Case, jobs: Sequence[DecodeJob], refusal: Refusal) -> list[str]:
    """Refuses the case. Returns the names of files that no row has any more.

    What nobody could read may be the last that is left of it: the originals stay until the sender dismisses
    the case.
    """
    check_move(case.state, CaseState.REFUSED, CASE_MOVES)
    names = [name for job in jobs for name in job.derived.values() if name]
    if is_of_the_file := all(file.code != NOT_DECODED for file in refusal.files):
        names += [job.original.name for job in jobs]
    _forget(jobs, with_originals=is_of_the_file)
    by_position = {job.position: job for job in jobs}
    for file in refusal.files:
        job = by_position[file.position]
        job.refusal_code, job.refusal_params = file.code, dict(file.params)
        job.save(update_fields=["refusal_code", "refusal_params"])
    case.state, case.refusal, case.closed_at = CaseState.REFUSED, refusal.as_json(), Now()
    case.interim_given = None  # what is refused is sent again
    case.save(update_fields=["state", "refusal", "closed_at", "interim_given"])
    emit(
        Act.CASE_REFUSED,
        case,
        actor=None,
        site=case.site,
        before={"state": CaseState.ARRIVING},
        after={"state": case.state},
        code=refusal.code,
        files=[file.code for file in refusal.files],
    )
    return names
