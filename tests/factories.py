"""Makes people, sites and cases for tests, as the services would leave them."""

import hashlib
import io
import itertools
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image as Picture

from accounts.models import Membership, Site, User
from accounts.roles import Role
from classifier.release import default_release_path
from classifier.rendition_file import write_rendition
from triage.disclosure import class_and_confidence
from triage.inference.checks import check_and_activate
from triage.inference.releases import register_release
from triage.inference.worker.release_check import check_next
from triage.intake.arrived import arrive
from triage.intake.duplicates import Duplicate, duplicates_of
from triage.intake.incoming import IncomingFile
from triage.intake.refusals import refusal_of
from triage.intake.services import arrive_case
from triage.intake.uploads import incoming_file
from triage.intake.waiting import await_decision
from triage.models import (
    CallBack,
    Case,
    CriticalResult,
    DecodeJob,
    Image,
    InterimOpinion,
    Job,
    Prediction,
    Reading,
    Release,
    Review,
)
from triage.models.case_rules import RECEIVED
from triage.states import INTAKE_STATES, Activation, CaseState, JobState, ReleaseState
from triage.vocabulary import (
    BodyPart,
    Call,
    FractureCertainty,
    FractureClass,
    Priority,
    Source,
    Stage,
)

PASSWORD = "correct horse battery staple"
_numbers = itertools.count(1)


def make_site(name: str = "", slug: str = "") -> Site:
    number = next(_numbers)
    return Site.objects.create(name=name or f"Clinic {number}", slug=slug or f"clinic-{number}")


def make_user(email: str = "", name: str = "", **fields: Any) -> User:
    number = next(_numbers)
    return User.objects.create_user(
        email or f"person{number}@example.org", PASSWORD, name=name or f"Person {number}", **fields
    )


def make_membership(user: User, site: Site, *roles: Role) -> Membership:
    return Membership.objects.create(user=user, site=site, roles=list(roles))


def make_member(site: Site, *roles: Role, name: str = "", **fields: Any) -> User:
    """A new person with ``roles`` at ``site``."""
    user = make_user(name=name, **fields)
    make_membership(user, site, *roles)
    return user


# Name → how they are called, whether their site is the first or the other one, and their roles there.
PEOPLE = {
    "clinician": ("Clara Clinician", 0, [Role.CLINICIAN]),
    "clinician2": ("Carl Clinician", 0, [Role.CLINICIAN]),
    "reviewer": ("Rita Reviewer", 0, [Role.REVIEWER]),
    "admin": ("Ada Admin", 0, [Role.ADMIN]),
    "service": ("PACS gateway", 0, [Role.SERVICE]),
    "stranger": ("Stan", 1, [Role.CLINICIAN, Role.REVIEWER, Role.ADMIN]),
    "staff": ("Stefan Staff", 0, []),
}


def make_people(site: Site, other_site: Site) -> SimpleNamespace:
    """Two statements for all of them: thousands of tests begin with these people."""
    made = {name: User(name=called) for name, (called, _at, _roles) in PEOPLE.items()}
    for user in made.values():
        user.email = f"person{next(_numbers)}@example.org"
        user.set_password(PASSWORD)
        # As save() leaves it: else the next save says that the password was changed, and forgets wrong tries.
        user._password = None
    made["service"].is_service = True
    made["staff"].is_staff = made["staff"].is_superuser = True
    User.objects.bulk_create(made.values())
    Membership.objects.bulk_create(
        Membership(user=made[name], site=(site, other_site)[at], roles=[*roles])
        for name, (_called, at, roles) in PEOPLE.items()
        if roles
    )
    return SimpleNamespace(**made)


@lru_cache
def picture_bytes(seed: int = 0, kind: str = "PNG", size: tuple[int, int] = (96, 120)) -> bytes:
    """A small grey picture that differs by ``seed``."""
    buffer = io.BytesIO()
    picture = Picture.radial_gradient("L").resize(size)
    picture.putpixel((seed % size[0], (seed // size[0]) % size[1]), 255)
    picture.save(buffer, kind)
    return buffer.getvalue()


def incoming(
    name: str = "wrist.png", data: bytes = b"", side: str = "", projection: str = ""
) -> IncomingFile:
    """A file that has arrived in the storage; by default a small picture."""
    file = incoming_file(arrive(name, [data or picture_bytes()]))
    return replace(file, side=side, projection=projection)


@dataclass(frozen=True)
class Received:
    """A case that was taken, with the files that the site had before."""

    case: Case
    duplicates: list[Duplicate]


def receive_case(**arguments: Any) -> Received:
    """Sends a case as a request does that waits for the decision. Raises what the request would answer."""
    case = await_decision(arrive_case(**arguments), 60)
    if case.state == CaseState.REFUSED:
        raise refusal_of(case)
    return Received(case, duplicates_of(case))


def taken_cases() -> Any:
    """All cases but those that arrive or were refused."""
    return Case.objects.filter(RECEIVED)


def stored_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []


# How a release calls, as its manifest has it.
RULE = {"slope": 1.0, "intercept": 0.0, "negative_below": 0.22, "positive_from": 0.63}


def make_release(*, active: bool = True, usable: bool = True, **fields: Any) -> Release:
    """A release row without weights, for tests that don't classify. ``usable``: its fracture call."""
    number = next(_numbers)
    if active:
        Release.objects.filter(is_active=True).update(is_active=False)
    defaults = {
        "name": "test-release",
        "version": f"0.0.{number}",
        "sha256": hashlib.sha256(str(number).encode()).hexdigest(),
        "call_is_usable": usable,
        "manifest": {
            "call": {"usable": usable, "rule": RULE},
            "metrics": {
                "types": {"accuracy": {"value": 0.4, "interval": [0.36, 0.44]}},
                "fracture": {"auroc": {"value": 0.91, "interval": [0.88, 0.94]}},
            },
        },
        "folder": f"test-release/{number}",
        "state": ReleaseState.USABLE,
        "activated_at": timezone.now() if active else None,
    }
    return Release.objects.create(is_active=active, **{**defaults, **fields})


def usable_release(folder: Path | None = None) -> Release:
    """The released model (or the one in ``folder``), registered, checked for real in this process, active."""
    release = register_release(folder or default_release_path())
    check_and_activate(release, Activation.ALWAYS)
    check_next()
    release.refresh_from_db()
    assert release.is_active, release.problem
    return release


def make_image(case: Case, position: int = 1, **fields: Any) -> Image:
    number = next(_numbers)
    png, jpeg = picture_bytes(number), picture_bytes(number, "JPEG")
    rendition = write_rendition(np.asarray(Picture.open(io.BytesIO(png))))
    folder = f"sites/{case.site_id}/{number}"
    names = {
        field: default_storage.save(f"{folder}/{field}", ContentFile(data))
        for field, data in (
            ("original", png),
            ("rendition", rendition),
            ("display", jpeg),
            ("thumbnail", jpeg),
        )
    }
    defaults = {
        "file_name": f"picture-{number}.png",
        "kind": Image.FileFormat.PNG,
        "byte_size": len(png),
        "sha256": hashlib.sha256(f"{number}".encode() + png).hexdigest(),
        "width": 96,
        "height": 120,
        "bits": 8,
        **{name: word for name, word in _said_of_all(case).items() if word != "SEVERAL"},
    }
    return Image.objects.create(
        case=case, position=position, **{**defaults, **names, "site": case.site, **fields}
    )


def _said_of_all(case: Case) -> dict[str, str]:
    """The sender's words for the case, which are those of each picture."""
    said = {"side": case.side, "projection": case.projection}
    return {name: word for name, word in said.items() if name not in case.from_header}


def make_prediction(
    image: Image,
    release: Release,
    top: str = "oblique",
    confidence: float = 0.62,
    **finding: Any,
) -> Prediction:
    """A finished job with its prediction: ``top`` gets ``confidence``, the others share the rest.

    ``finding``: what else it says; a fracture is suspected unless it says otherwise.
    """
    said: dict[str, Any] = {"call": "positive", "fracture_probability": 0.83, **finding}
    if not said.get("assessable", True):
        said["call"] = ""
    job = Job.objects.create(
        image=image, release=release, state=JobState.DONE, priority=image.case.priority, attempt=1
    )
    rest = (1 - confidence) / 9
    probabilities = {name: confidence if name == top else rest for name in FractureClass.values}
    rival = next(name for name in FractureClass.values if name != top)
    grid = [[round((row + column) / 12, 3) for column in range(7)] for row in range(7)]
    return Prediction.objects.create(
        job=job,
        image=image,
        release=release,
        probabilities=probabilities,
        scores=probabilities,
        predicted_class=top,
        confidence=confidence,
        rival_class=rival,
        prediction_set=[top, rival],
        activation_map=grid,
        rival_activation_map=grid,
        milliseconds=20.0,
        **said,
    )


# Two places on a picture, as a release with a detector gives them.
BOXES = [
    {"x": 0.41, "y": 0.52, "width": 0.2, "height": 0.1, "score": 0.71},
    {"x": 0.05, "y": 0.02, "width": 0.15, "height": 0.12, "score": 0.18},
]


def places(call: str = "positive", boxes: list[dict[str, float]] = BOXES) -> dict[str, Any]:
    """What a release with a detector says beside ``call``, for ``finding``."""
    return {
        "call": call,
        "boxes": boxes if call in ("positive", "doubt") else [],
        "focus": {"x": 0.5123, "y": 0.5671},
        "fracture_map": [[round(row * column / 36, 3) for column in range(7)] for row in range(7)],
    }


def make_reading(case: Case, reader: User, seconds: float = 900, **fields: Any) -> Reading:
    """A reading that goes on, whose claim lasts for ``seconds`` more; below zero it has run out."""
    until = timezone.now() + timedelta(seconds=seconds)
    return Reading.objects.create(
        case=case, site_id=case.site_id, reader=reader, **{"claimed_until": until, **fields}
    )


def make_case(
    site: Site,
    sender: User,
    state: str = CaseState.PREDICTED,
    *,
    images: int = 1,
    top: str = "oblique",
    confidence: float = 0.62,
    finding: dict[str, Any] | None = None,
    **fields: Any,
) -> Case:
    """A case in ``state``, with what belongs to that state beside it; ``finding``: of its predictions."""
    number = next(_numbers)
    received = fields.pop("received_at", timezone.now())
    values: dict[str, Any] = {
        "accession_number": f"ACC-{number:05d}",
        "body_part": BodyPart.WRIST,
        "priority": Priority.ROUTINE,
        "source": Source.WEB,
        "due_at": received + timedelta(hours=24),
        **fields,
    }
    values.setdefault("priority_due_at", max(values["due_at"], received + timedelta(hours=24)))
    if state == CaseState.WITHDRAWN:
        values |= {"withdrawn_by": sender, "withdrawn_reason": "Wrong patient"}
    if state in (CaseState.REVIEWED, CaseState.WITHDRAWN):
        values["closed_at"] = received
    predicted = state in (CaseState.PREDICTED, CaseState.REVIEWED)
    if state == CaseState.REFUSED:
        refusal = {"code": "intake_refused", "params": {"tags": [], "fields": []}}
        values |= {"closed_at": received, "refusal": refusal}
    case = Case.objects.create(
        site=site,
        sender=sender,
        state=CaseState.RECEIVED if predicted else state,
        received_at=received,
        **({**values, "closed_at": None} if predicted else values),
    )
    if state in INTAKE_STATES:
        for position in range(1, images + 1):
            _make_decode_job(case, position)
        return case
    pictures = [make_image(case, position) for position in range(1, images + 1)]
    release = Release.objects.filter(is_active=True).first() or make_release()
    for image in pictures:
        if predicted:
            make_prediction(image, release, top, confidence, **(finding or {}))
        else:
            _make_job(image, release, state)
    if predicted:
        case.deciding_prediction = Prediction.objects.filter(image__case=case).first()
        case.call = case.deciding_prediction.effective_call
        case.predicted_class, case.confidence = class_and_confidence(case.deciding_prediction)
        case.state, case.closed_at = state, values.get("closed_at")
        case.save()
    if state == CaseState.REVIEWED:
        _make_review(case)
    return case


def _make_decode_job(case: Case, position: int) -> DecodeJob:
    """A file that waits; of a refused case, one that was no picture."""
    refused = case.state == CaseState.REFUSED
    file = incoming(f"file-{position}.png", picture_bytes(next(_numbers)))
    return DecodeJob.objects.create(
        case=case,
        position=position,
        priority=case.priority,
        file_name=file.name,
        byte_size=file.size,
        sha256=file.sha256,
        original="" if refused else file.stored,
        state=JobState.DONE if refused else JobState.QUEUED,
        refusal_code="not_an_image" if refused else "",
        refusal_params={"found": "a text file"} if refused else {},
    )


def _make_job(image: Image, release: Release, state: str) -> Job:
    failed = state == CaseState.FAILED
    return Job.objects.create(
        image=image,
        release=release,
        priority=image.case.priority,
        state=JobState.FAILED if failed else JobState.QUEUED,
        attempts_left=0 if failed else 3,
        error="The model could not read this picture." if failed else "",
    )


def make_call_back(case: Case, reason: str = "fracture_missed", **fields: Any) -> CallBack:
    """The open call-back of a signed case, whose sender thought that nothing was broken."""
    interim = InterimOpinion.objects.create(
        case=case, author=case.sender, interim_fracture="none", treated_as="soft_tissue"
    )
    owner = {} if "owner_role" in fields else {"owner": case.sender}
    act_by = timezone.now() + timedelta(hours=4)
    values = {"review": case.reviews.get(), "interim": interim, "act_by": act_by, **owner}
    return CallBack.objects.create(case=case, site=case.site, reason=reason, **{**values, **fields})


def _fracture(case: Case) -> FractureCertainty:
    if case.predicted_class:
        return FractureCertainty.CERTAIN
    assessable = case.call != Call.NOT_ASSESSABLE
    return FractureCertainty.NONE if assessable else FractureCertainty.NOT_ASSESSABLE


def make_critical_result(case: Case, **fields: Any) -> CriticalResult:
    """A signed case that waits for its sender to take note, who was not notified yet."""
    values = {"by_reader": False, "next_at": timezone.now(), "notified_roles": ["sender"]}
    review = case.reviews.get()
    return CriticalResult.objects.create(
        case=case, site=case.site, review=review, **{**values, **fields}
    )


def _make_review(case: Case) -> Review:
    reader = make_member(case.site, Role.REVIEWER)
    prediction = Prediction.objects.filter(image__case=case).first()
    return Review.objects.create(
        case=case,
        reader=reader,
        stage=Stage.SECOND_OPINION,
        agrees=True,
        fracture=_fracture(case),
        classes=[case.predicted_class] if case.predicted_class else [],
        prediction=prediction,
    )
