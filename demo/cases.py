"""Synthetic cases of the demonstration, on radiographs that the project draws itself."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from accounts.models import Site, User
from demo.drawings import draw
from triage.intake.arrived import arrive
from triage.intake.details import CaseDetails
from triage.intake.services import arrive_case
from triage.intake.uploads import incoming_file
from triage.intake.worker import decode_until_empty
from triage.models import Case
from triage.vocabulary import BodyPart, Priority, Projection, Sex, Side, Source


@dataclass(frozen=True)
class DemoCase:
    """A drawn case, and what its sender says about it."""

    label: str
    body_part: BodyPart
    side: Side
    projection: Projection
    priority: Priority
    question: str


_CASES = (
    DemoCase(
        "oblique", BodyPart.LEG, Side.LEFT, Projection.AP, Priority.URGENT, "Fell from a ladder."
    ),
    DemoCase(
        "spiral", BodyPart.LEG, Side.RIGHT, Projection.AP, Priority.ROUTINE, "Twisted while skiing."
    ),
    DemoCase(
        "comminuted",
        BodyPart.FEMUR,
        Side.LEFT,
        Projection.AP,
        Priority.STAT,
        "Road accident, pulses present.",
    ),
    DemoCase(
        "fracture_dislocation",
        BodyPart.SHOULDER,
        Side.RIGHT,
        Projection.AP,
        Priority.URGENT,
        "Deformity after a fall.",
    ),
    DemoCase(
        "greenstick",
        BodyPart.FOREARM,
        Side.LEFT,
        Projection.LATERAL,
        Priority.ROUTINE,
        "Fell in the playground.",
    ),
    DemoCase(
        "hairline",
        BodyPart.LEG,
        Side.LEFT,
        Projection.AP,
        Priority.ROUTINE,
        "Runner, pain for three weeks.",
    ),
    DemoCase(
        "impacted",
        BodyPart.WRIST,
        Side.RIGHT,
        Projection.PA,
        Priority.ROUTINE,
        "Fell on the outstretched hand.",
    ),
    DemoCase(
        "longitudinal", BodyPart.LEG, Side.RIGHT, Projection.AP, Priority.ROUTINE, "Direct blow."
    ),
    DemoCase(
        "avulsion", BodyPart.ANKLE, Side.LEFT, Projection.AP, Priority.ROUTINE, "Inversion injury."
    ),
    DemoCase(
        "pathological",
        BodyPart.HUMERUS,
        Side.LEFT,
        Projection.AP,
        Priority.URGENT,
        "Pain without trauma.",
    ),
    DemoCase(
        "intact",
        BodyPart.FOREARM,
        Side.RIGHT,
        Projection.AP,
        Priority.ROUTINE,
        "Tender, no deformity.",
    ),
    DemoCase(
        "spiral", BodyPart.HUMERUS, Side.RIGHT, Projection.AP, Priority.ROUTINE, "Arm wrestling."
    ),
)


def make_cases(site: Site) -> Iterator[tuple[int, int]]:
    """Sends the synthetic cases through the ordinary intake; yields (number, total) as it goes."""
    sender = User.objects.get(email="clinician@demo.callus.test")
    for number, case in enumerate(_CASES, start=1):
        accession = f"DEMO-{number:04d}"
        if Case.objects.filter(site=site, accession_number=accession).exists():
            continue
        arrive_case(
            sender=sender,
            site=site,
            files=[incoming_file(arrive(f"synthetic-{number:02d}.png", [_png(case, number)]))],
            details=CaseDetails(
                accession_number=accession,
                patient_reference=f"SYNTHETIC-{number:02d}",
                body_part=case.body_part,
                side=case.side,
                projection=case.projection,
                sex=Sex.FEMALE if number % 2 else Sex.MALE,
                clinical_question=f"{case.question} Synthetic picture, drawn for demonstration.",
                priority=case.priority,
            ),
            source=Source.DEMO,
            is_synthetic=True,
        )
        # Here and not in a worker: `make run` draws them before its processes start.
        decode_until_empty()
        yield number, len(_CASES)


def _png(case: DemoCase, seed: int) -> bytes:
    buffer = io.BytesIO()
    side: Literal["L", "R"] = "L" if case.side == Side.LEFT else "R"
    picture = draw(case.label, seed, side=side, body_part=case.body_part.value)
    picture.save(buffer, "PNG")
    return buffer.getvalue()
