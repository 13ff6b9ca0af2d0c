"""Which pictures of two cases are one instance in other bytes: docs/decisions/0043-a-newer-version.md."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from django.db import connection
from django.db.models import Q, Value

from triage.intake.answer import DecodedImage
from triage.intake.details import CaseDetails
from triage.models import Case, DecodeJob, Image
from triage.models.case_rules import RECEIVED
from triage.models.keys import key_of


@dataclass(frozen=True)
class Picture:
    """What is compared. ``uid`` is the SOP Instance UID; a text is "" where the file has none."""

    position: int
    sha256: str
    study_uid: str = ""
    uid: str = ""
    acquired_on: date | None = None
    acquired_at: time | None = None


def decoded_picture(job: DecodeJob, image: DecodedImage) -> Picture:
    """The picture of a file before it has a row."""
    if image.facts is None:
        return Picture(job.position, job.sha256)
    study, instance = image.facts.study, image.facts.instance
    return Picture(
        job.position,
        job.sha256,
        study.study_instance_uid,
        instance.sop_instance_uid,
        instance.acquisition_date,
        instance.acquisition_time,
    )


def pictures_of(case_ids: Collection[UUID]) -> dict[UUID, list[Picture]]:
    """Case id → its pictures, in their order. One query."""
    found: dict[UUID, list[Picture]] = {case_id: [] for case_id in case_ids}
    rows = Image.objects.filter(case__in=case_ids).order_by("case_id", "position")
    for case_id, study_uid, *values in rows.values_list(
        "case_id",
        "series__study__study_instance_uid",
        *("position", "sha256", "sop_instance_uid", "acquisition_date", "acquisition_time"),
    ):
        position, sha256, uid, *acquired = values
        found[case_id].append(Picture(position, sha256, study_uid or "", uid, *acquired))
    return found


def sent_again(newer: Iterable[Picture], earlier: Iterable[Picture]) -> list[tuple[int, int]]:
    """(position in ``newer``, position in ``earlier``) of each instance that both have in other bytes.

    An instance that a case has twice is left out: its device gives several pictures one UID.
    """
    new, old = _by_instance(newer), _by_instance(earlier)
    return [
        (new[key].position, old[key].position)
        for key in old
        if key in new and new[key].sha256 != old[key].sha256 and one_exposure(new[key], old[key])
    ]


def is_whole(newer: Sequence[Picture], earlier: Sequence[Picture]) -> bool:
    """Whether ``newer`` has each picture of ``earlier``, at least one of them in other bytes."""
    again = {position for _new, position in sent_again(newer, earlier)}
    bytes_ = {picture.sha256 for picture in newer}
    same = {picture.position for picture in earlier if picture.sha256 in bytes_}
    return bool(again) and again | same == {picture.position for picture in earlier}


def _by_instance(pictures: Iterable[Picture]) -> dict[tuple[str, str], Picture]:
    having = [picture for picture in pictures if picture.uid]
    count = Counter((picture.study_uid, picture.uid) for picture in having)
    return {
        (picture.study_uid, picture.uid): picture
        for picture in having
        if count[picture.study_uid, picture.uid] == 1
    }


def one_exposure(one: Picture, other: Picture) -> bool:
    """An export keeps when the X-ray was taken: where that differs, a device gave two exposures one UID."""
    days, times = {one.acquired_on, other.acquired_on}, {one.acquired_at, other.acquired_at}
    return len(days - {None}) <= 1 and len(times - {None}) <= 1


def cases_with_its_instances(
    site_id: UUID, case_id: UUID, details: CaseDetails, pictures: Iterable[Picture]
) -> list[UUID]:
    """Ids of the site's other cases that hold instances of this one and agree with it, in their order.

    It first waits for other decisions on the same bytes, instances or studies, until the transaction ends.
    """
    pictures = list(pictures)
    _hold(site_id, pictures)
    pictures = [picture for picture in pictures if picture.uid]
    agree = _agreeing(details)
    if not pictures or agree is None:
        return []
    # From the few cases that agree to their images: a device that gives every picture one UID may have given
    # it to all of a site.
    rows = Case.objects.filter(agree, RECEIVED, site_id=site_id).exclude(pk=case_id)
    rows = rows.filter(images__sop_instance_uid__in={picture.uid for picture in pictures})
    return list(rows.order_by("pk").values_list("pk", flat=True).distinct())


def _agreeing(details: CaseDetails) -> Q | None:
    """What another case must have to be of the same patient and order; None if that can't be known.

    Some devices give every picture one UID, so the UID alone says too little. Accession number and patient
    reference are compared as Find compares them: each is equal or one of the two lacks it, at least one is
    equal, and no sex contradicts.
    """
    equal, possible = Q(), Q()
    for key, text in (
        ("accession_key", details.accession_number),
        ("patient_key", details.patient_reference),
    ):
        if text:
            same = Q(**{key: key_of(Value(text))})
            equal |= same
            possible &= same | Q(**{key: ""})
    if details.sex:
        possible &= Q(sex__in=("", details.sex))
    return equal & possible if equal else None


def _hold(site_id: UUID, pictures: Iterable[Picture]) -> None:
    """Of two cases that arrive together each is decided by a worker of its own, and neither would see the
    other's rows. In the order of locks that comes after the decode jobs, which are this case's own, and
    before the cases.
    """
    keys = set()
    for picture in pictures:
        keys.add(f"triage_bytes:{site_id}:{picture.sha256}")
        for uid in filter(None, (picture.study_uid, picture.uid)):
            keys.add(f"triage_study:{site_id}:{uid}")
    # Raw SQL: Django has no advisory locks. Sorted, so that two cases of the same two pictures don't wait for
    # each other for ever; unnest keeps the order.
    sql = "SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(%s::text[]) AS key"
    with connection.cursor() as cursor:
        cursor.execute(sql, [sorted(keys)])
