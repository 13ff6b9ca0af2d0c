"""Synthetic cases of the demonstration, on radiographs that the project draws itself."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from PIL import Image, ImageDraw

from accounts.models import Site
from demo import stories
from demo.drawings import draw
from demo.logins import CLINICIAN
from triage.intake.arrived import arrive
from triage.intake.details import CaseDetails
from triage.intake.incoming import IncomingFile
from triage.intake.services import arrive_case
from triage.intake.uploads import incoming_file
from triage.intake.worker import decode_until_empty
from triage.models import Case
from triage.vocabulary import BodyPart, Priority, Projection, Sex, Side, Source

LETTER = "letter"  # a page of text, sent in place of a picture
NO_PICTURE = "no picture"  # a file that holds none
AP, LATERAL, PA = Projection.AP, Projection.LATERAL, Projection.PA


@dataclass(frozen=True)
class DemoCase:
    """A drawn case, what its sender says about it, and what becomes of it.

    ``label``: what is drawn, from the seed ``seed`` on, once for each of ``projections``. ``patient``: the
    number of the reference. ``is_read``: the model reads it before ``story`` happens.
    """

    label: str
    seed: int
    body_part: BodyPart
    side: Side
    priority: Priority
    question: str
    story: Callable[[Case], None] = stories.to_read
    projections: Sequence[Projection] = (AP,)
    patient: int = 0
    is_blind: bool = False
    is_read: bool = True


# Seeds of the intact bones: the released model is in doubt of one and sees no fracture in the other.
_CASES = (
    DemoCase(
        *("spiral", 2, BodyPart.LEG, Side.RIGHT, Priority.ROUTINE, "Twisted while skiing."),
        story=stories.is_corrected,
        patient=1,
    ),
    DemoCase(
        *("oblique", 1, BodyPart.LEG, Side.RIGHT, Priority.URGENT, "Fell on the same leg again."),
        projections=(AP, LATERAL),
        patient=1,
    ),
    DemoCase(
        *("intact", 14, BodyPart.FOREARM, Side.RIGHT, Priority.ROUTINE, "Sore after a fall."),
    ),
    DemoCase(
        *("intact", 11, BodyPart.FOREARM, Side.RIGHT, Priority.ROUTINE, "Tender, no deformity."),
    ),
    DemoCase(
        *(LETTER, 0, BodyPart.WRIST, Side.LEFT, Priority.ROUTINE, "Pain in the wrist."),
        projections=(PA,),
    ),
    DemoCase(
        *("hairline", 6, BodyPart.LEG, Side.LEFT, Priority.ROUTINE, "Pain for three weeks."),
        story=stories.fails,
        is_read=False,
    ),
    DemoCase(
        *("comminuted", 3, BodyPart.FEMUR, Side.LEFT, Priority.STAT, "Road accident."),
        story=stories.somebody_reads,
    ),
    DemoCase(
        *("longitudinal", 8, BodyPart.LEG, Side.RIGHT, Priority.ROUTINE, "Direct blow."),
        story=stories.is_withdrawn,
    ),
    DemoCase(
        *("greenstick", 5, BodyPart.FOREARM, Side.LEFT, Priority.ROUTINE, "Fell from a swing."),
        story=stories.is_disputed,
        projections=(LATERAL,),
        is_blind=True,
    ),
    DemoCase(
        *("impacted", 7, BodyPart.WRIST, Side.RIGHT, Priority.ROUTINE, "Fell on the hand."),
        projections=(PA,),
        is_blind=True,
    ),
    DemoCase(
        *("avulsion", 9, BodyPart.ANKLE, Side.LEFT, Priority.ROUTINE, "Inversion injury."),
        story=stories.is_called_back,
    ),
    DemoCase(
        *("fracture_dislocation", 4, BodyPart.SHOULDER, Side.RIGHT, Priority.URGENT, "Deformity."),
        story=stories.is_critical,
    ),
    DemoCase(
        *("pathological", 10, BodyPart.CHEST, Side.LEFT, Priority.URGENT, "Pain without trauma."),
    ),
    DemoCase(
        *(NO_PICTURE, 0, BodyPart.HAND, Side.LEFT, Priority.ROUTINE, "Trapped in a door."),
        is_read=False,
    ),
)


def make_cases(site: Site) -> Iterator[tuple[int, int]]:
    """Sends the synthetic cases through the ordinary intake, and lets happen to each what shows its state.

    Yields (number, total) as it goes. A case that is there already is left alone.
    """
    for number, case in enumerate(_CASES, start=1):
        accession = f"DEMO-{number:04d}"
        if known := Case.objects.filter(site=site, accession_number=accession).first():
            if case.story is stories.somebody_reads:
                stories.somebody_reads_again(known)  # a claim runs out
            continue
        with stories.rules_of_the_demonstration(site, blind=case.is_blind):
            arrived = _arrive(site, case, number, accession)
            # Here and not in a worker: `make run` draws them before its processes start.
            decode_until_empty()
            if case.is_read:
                stories.let_the_model_read()
            arrived.refresh_from_db()
            case.story(arrived)
        yield number, len(_CASES)


def _arrive(site: Site, case: DemoCase, number: int, accession: str) -> Case:
    return arrive_case(
        sender=stories.person(CLINICIAN),
        site=site,
        files=list(_files(case, number)),
        details=CaseDetails(
            accession_number=accession,
            patient_reference=f"SYNTHETIC-{case.patient or number:02d}",
            body_part=case.body_part,
            side=case.side,
            projection=case.projections[0],
            sex=Sex.FEMALE if (case.patient or number) % 2 else Sex.MALE,
            clinical_question=f"{case.question} Synthetic picture, drawn for demonstration.",
            priority=case.priority,
        ),
        source=Source.DEMO,
        is_synthetic=True,
    )


def _files(case: DemoCase, number: int) -> Iterator[IncomingFile]:
    if case.label == NO_PICTURE:
        yield incoming_file(arrive("referral.txt", [b"No picture: the letter alone.\n"]))
        return
    for view, projection in enumerate(case.projections):
        name = f"synthetic-{number:02d}{'ab'[view] if view else ''}.png"
        file = incoming_file(arrive(name, [_png(case, case.seed + 100 * view)]))
        yield replace(file, projection=projection)


def _png(case: DemoCase, seed: int) -> bytes:
    buffer = io.BytesIO()
    side: Literal["L", "R"] = "L" if case.side == Side.LEFT else "R"
    if case.label == LETTER:
        picture = _letter()
    else:
        picture = draw(case.label, seed, side=side, body_part=case.body_part.value)
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _letter() -> Image.Image:
    """A page of text as a scanner makes it, grey 8 bit."""
    page = Image.new("L", (700, 900), 245)
    pen = ImageDraw.Draw(page)
    for line in range(28):
        pen.text(
            (60, 60 + 28 * line), "SYNTHETIC LETTER  Please X-ray the left wrist. " * 2, fill=40
        )
    return page
