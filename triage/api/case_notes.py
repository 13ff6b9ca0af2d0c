"""What a sender and readers should look at in a case that was taken."""

from rest_framework import serializers

from triage.api.examples import A_CASE
from triage.api.fields import CodeField
from triage.api.schema import explained
from triage.intake.duplicates import Outcome, Same


class ContradictionSerializer(serializers.Serializer):
    """A field in which a DICOM header says something else than the sender, whose value counts."""

    field = serializers.CharField(**explained("The field of the case.", "side"))
    images = serializers.ListField(
        child=serializers.IntegerField(),
        **explained("The positions of the images whose headers say something else.", [1]),
    )
    message = serializers.CharField(
        **explained(
            "The same in a sentence.",
            "Side: the DICOM header of wrist.dcm says otherwise. The sender's value counts.",
        )
    )


class PatientQuestionSerializer(serializers.Serializer):
    """A field that doesn't fit an earlier case of the same patient reference. Nothing was refused."""

    field = serializers.CharField(**explained("The field of the case: `sex` or `age_band`.", "sex"))
    earlier_case = serializers.UUIDField(
        source="earlier.pk", **explained("The id of the earlier case.", A_CASE)
    )
    message = serializers.CharField(
        **explained(
            "The same in a sentence.",
            "Sex: case A-4711 (gutih-tugad), which has the same patient reference, says otherwise. Is it the "
            "same patient?",
        )
    )


class VersionSerializer(serializers.Serializer):
    """Another case of the site that holds pictures of this one in other bytes."""

    case = serializers.UUIDField(source="case.pk", **explained("The id of the other case.", A_CASE))
    images = serializers.ListField(
        child=serializers.IntegerField(),
        **explained("The positions in this case of the pictures that both have.", [1]),
    )
    message = serializers.CharField(
        **explained(
            "What it means, in a sentence.",
            "Case A-4711 (gutih-tugad) has an earlier version of the picture. The signature on it was for "
            "the earlier file, so this case is read anew.",
        )
    )


class DuplicateSerializer(serializers.Serializer):
    """The same picture came to this site before. The case was taken all the same."""

    file = serializers.CharField(
        source="file_name", **explained("The file's name in this request.", "wrist-pa.dcm")
    )
    earlier_case = serializers.UUIDField(
        source="earlier_case_id", **explained("The id of the case that has this picture.", A_CASE)
    )
    earlier_accession_number = serializers.CharField(
        source="earlier_accession",
        **explained("That case's accession number; empty where it has none.", "A-4711"),
    )
    same = CodeField(
        [same.value for same in Same],
        **explained(
            "`file`: the same bytes. `instance`: the same SOP Instance UID in other bytes, as after "
            "another export or a correction.",
            "file",
        ),
    )
    outcome = CodeField(
        [outcome.value for outcome in Outcome],
        **explained(
            "`noted`: both cases stay as they are. `linked`: this case is a newer version of pictures of "
            "the earlier one; both stay, and each names the other. `replaced`: it has all of its pictures, "
            "nobody had signed that one, and you may withdraw it. So that one has ended, and this case is "
            "read in its place.",
            "noted",
        ),
    )
