"""The form that sends a case."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from triage.api.fields import CodeField, PriorityField, TextField
from triage.api.interim_opinions import InterimFractureField, TreatedAsField
from triage.api.schema import in_form, with_example
from triage.api.views import StrictSerializer
from triage.intake.incoming import IncomingFile
from triage.intake.uploads import read_uploads
from triage.models.interim_opinion import LONGEST_NOTE
from triage.vocabulary import ONE_PROJECTION, AgeBand, BodyPart, Projection, Sex, Side


class SendCaseSerializer(StrictSerializer):
    """One case: what is asked, and its pictures."""

    site = serializers.CharField(**in_form("The site's id or short name.", "north"))
    images = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True),
        help_text=with_example(
            "1 to 20 files: JPEG, PNG, TIFF or DICOM, of at most 40 MB each unless the installation sets "
            "another limit.",
            "wrist-pa.dcm",
        ),
    )
    body_part = CodeField(
        BodyPart.choices,
        required=False,
        **in_form("Needed unless the DICOM files say it.", "WRIST"),
    )
    accession_number = TextField(
        max_length=64,
        required=False,
        **in_form("The order's number, at most 64 characters.", "A-4711"),
    )
    patient_reference = TextField(
        max_length=64,
        required=False,
        **in_form("A pseudonym, never a name; at most 64 characters.", "P-0815"),
    )
    age_band = CodeField(
        AgeBand.choices,
        required=False,
        **in_form("The patient's age in years.", "2-11"),
    )
    sex = CodeField(Sex.choices, required=False, **in_form("The patient's sex.", "F"))
    side = CodeField(Side.choices, required=False, **in_form("The side of all images.", "R"))
    projection = CodeField(
        Projection.choices,
        required=False,
        **in_form("The projection of all images; `SEVERAL` where they differ.", "PA"),
    )
    image_side = serializers.ListField(
        child=CodeField(Side.choices, allow_blank=True),
        required=False,
        **in_form(
            "The side of each image, repeated once for each of `images` and in their order. Empty: `side` "
            "holds for it, or its DICOM header does.",
            "L",
            [],
        ),
    )
    image_projection = serializers.ListField(
        child=CodeField(ONE_PROJECTION, allow_blank=True),
        required=False,
        **in_form("The projection of each image, as `image_side`.", "LL", []),
    )
    clinical_question = TextField(
        max_length=2000,
        required=False,
        **in_form("At most 2,000 characters.", "Fell on the hand. Scaphoid?"),
    )
    interim_fracture = InterimFractureField(
        required=False,
        allow_blank=True,
        **in_form(
            "What you see yourself: `fracture`, `none` or `unsure`. With `treated_as` it is your interim "
            "opinion, with which the signed one is compared.",
            "none",
        ),
    )
    treated_as = TreatedAsField(
        required=False,
        allow_blank=True,
        **in_form(
            "What the patient is treated as: `fracture`, `dislocation`, `soft_tissue`, `not_treated` or "
            "`other`, which `interim_note` explains.",
            "soft_tissue",
        ),
    )
    interim_note = TextField(
        max_length=LONGEST_NOTE,
        required=False,
        allow_blank=True,
        **in_form("What was done, in words, at most 500 characters.", "Bandage, sent home."),
    )
    priority = PriorityField(
        required=False, **in_form("`routine` unless said otherwise.", "urgent")
    )
    several_studies = serializers.BooleanField(
        required=False,
        **in_form(
            "True: files of one patient that differ in Study Instance UID, Accession Number or "
            "Patient's Age belong to one case. Without it such a request is refused with the code "
            "`several_studies`, which names the tags. Files of two patients (`patients_differ`) are "
            "refused in any case.",
            "true",
            False,
        ),
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Raises ValidationError where a list that goes with ``images`` has another length.

        A list of empty strings counts as not given. A browser sends one for an empty field.
        """
        text = _("Send it once for each of the images, in their order; empty where you don't know.")
        wrong = {
            name: [text]
            for name in ("image_side", "image_projection")
            if any(given.get(name, [])) and len(given[name]) != len(given["images"])
        }
        if wrong:
            raise serializers.ValidationError(wrong)
        return given


def files_of(given: dict[str, Any]) -> list[IncomingFile]:
    """The files, each with the side and projection that the sender gave. Removes these from ``given``."""
    files = read_uploads(given.pop("images"))
    values = [given.pop(name, []) for name in ("image_side", "image_projection")]
    sides, projections = (said if any(said) else [""] * len(files) for said in values)
    return [
        replace(file, side=side, projection=projection)
        for file, side, projection in zip(files, sides, projections, strict=True)
    ]


def interim_of(given: dict[str, Any]) -> dict[str, str] | None:
    """What the sender thinks and did; None where they said nothing of it. Removes it from ``given``."""
    names = {
        "interim_fracture": "interim_fracture",
        "treated_as": "treated_as",
        "interim_note": "note",
    }
    said = {name: given.pop(field, "") for field, name in names.items()}
    return said if any(said.values()) else None
