"""The facts of an image: side and projection, study and series, dates, spacing and windows."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from triage.api.display_serializers import ImageDisplaySerializer
from triage.api.fields import CodeField, OptionalCodeField
from triage.api.schema import explained
from triage.api.shown import FieldsMadeOnce
from triage.models import Image, Series, Study
from triage.vocabulary import ONE_PROJECTION, Side, SpacingPlane

CLOCK = (
    "By the clock of the device that made it, without a time zone; null where the header says none."
)


class StudySerializer(FieldsMadeOnce, serializers.ModelSerializer):
    """A DICOM study, as the case's files describe it. Texts are empty where the header says nothing."""

    class Meta:
        model = Study
        fields = [
            *("study_instance_uid", "study_date", "study_time"),
            *("study_description", "accession_number"),
        ]
        read_only_fields = fields
        extra_kwargs = {
            "study_instance_uid": explained(
                "Study Instance UID (0020,000D), at most 64 characters.", "1.2.840.113619.2.55.3.1"
            ),
            "study_date": explained(f"Study Date (0008,0020). {CLOCK}", "2026-03-02"),
            "study_time": explained(f"Study Time (0008,0030). {CLOCK}", "09:14:27"),
            "study_description": explained(
                "Study Description (0008,1030), at most 64 characters. Empty too where it names the patient.",
                "XR wrist, right",
            ),
            "accession_number": explained(
                "The header's own Accession Number (0008,0050), at most 64 characters.", "A-4711"
            ),
        }


class SeriesSerializer(FieldsMadeOnce, serializers.ModelSerializer):
    """A DICOM series. Texts are empty where the header says nothing."""

    study = StudySerializer(help_text="The study that the series belongs to.")

    class Meta:
        model = Series
        fields = [
            *("series_instance_uid", "series_number", "series_description", "modality"),
            *("manufacturer", "manufacturer_model_name", "station_name", "study"),
        ]
        read_only_fields = fields
        extra_kwargs = {
            "series_instance_uid": explained(
                "Series Instance UID (0020,000E), at most 64 characters.",
                "1.2.840.113619.2.55.3.1.1",
            ),
            "series_number": explained("Series Number (0020,0011); null where it has none.", 2),
            "series_description": explained(
                "Series Description (0008,103E), at most 64 characters; empty where it names the patient.",
                "Wrist pa",
            ),
            "modality": explained("Modality (0008,0060), at most 16 characters.", "DX"),
            "manufacturer": explained("Manufacturer (0008,0070), at most 64 characters.", "Acme"),
            "manufacturer_model_name": explained(
                "Manufacturer's Model Name (0008,1090), at most 64 characters.", "DR 5"
            ),
            "station_name": explained(
                "Station Name (0008,1010), at most 64 characters. Empty too where it names the patient.",
                "ROOM2",
            ),
        }


class SpacingSerializer(serializers.Serializer):
    """Distances between neighbouring pixels, to measure with."""

    row = serializers.FloatField(**explained("Between neighbouring rows, in mm; above 0.", 0.139))
    column = serializers.FloatField(
        **explained("Between neighbouring columns, in mm; above 0.", 0.139)
    )
    plane = CodeField(
        SpacingPlane.choices,
        **explained(
            "`patient`: calibrated, so that lengths are those of the bone. `detector`: lengths on the "
            "detector, which are larger than those of the bone. `unknown`: the header doesn't say which.",
            "detector",
        ),
    )


class WindowSerializer(serializers.Serializer):
    """A window of the header. Values are stored values after the header's rescale."""

    center = serializers.FloatField(
        **explained("Window Center (0028,1050): the grey value in the middle.", 2048.0)
    )
    width = serializers.FloatField(
        **explained("Window Width (0028,1051): grey values from black to white; above 0.", 4096.0)
    )
    explanation = serializers.CharField(
        **explained("Its name, at most 64 characters; empty where it has none.", "BONE")
    )


class ImageFactsSerializer(FieldsMadeOnce, ImageDisplaySerializer, serializers.ModelSerializer):
    """Facts of an image. If it isn't a DICOM file, only ``side`` and ``projection`` can be known."""

    side = OptionalCodeField(
        Side.choices,
        **explained(
            "The side of the body on this image: the sender's for the image, else for the case, else the "
            "header's. Empty where nobody says it.",
            "R",
        ),
    )
    projection = OptionalCodeField(
        ONE_PROJECTION,
        **explained(
            "The projection of this image, from the same sources as `side`; else empty.",
            "PA",
        ),
    )
    image_laterality = OptionalCodeField(
        Side.choices,
        **explained("From the header: Image Laterality (0020,0062), else Laterality.", "R"),
    )
    series = SeriesSerializer(
        allow_null=True,
        help_text="Null if the file is not DICOM, and for images that are older than version 0.2.",
    )
    pixel_spacing = serializers.SerializerMethodField(
        **explained(
            "Pixel Spacing (0028,0030) as the header has it: between rows, between columns, in mm.",
            [0.139, 0.139],
        )
    )
    imager_pixel_spacing = serializers.SerializerMethodField(
        **explained(
            "Imager Pixel Spacing (0018,1164), at the detector: between rows, between columns, in mm.",
            [0.139, 0.139],
        )
    )
    spacing = SpacingSerializer(
        allow_null=True,
        help_text="What to measure with: Pixel Spacing, else Imager Pixel Spacing. Null where the header "
        "has neither.",
    )
    windows = serializers.SerializerMethodField(
        help_text="Every window of the header, in its order; the first one is the default."
    )

    class Meta:
        model = Image
        fields = [
            *("side", "projection", "body_part_examined", "view_position", "image_laterality"),
            *("patient_orientation", "series", "sop_instance_uid", "sop_class_uid"),
            *("instance_number", "acquisition_date", "acquisition_time"),
            *("content_date", "content_time", "pixel_spacing", "imager_pixel_spacing"),
            *("pixel_spacing_calibration_type", "spacing", "windows"),
            *("rescale_slope", "rescale_intercept", "voi_lut_function"),
            *("photometric_interpretation", "presentation_lut_shape", "bits_stored"),
            *("display_by", "curves", "pixel_aspect_ratio"),
        ]
        read_only_fields = fields
        extra_kwargs = {
            "body_part_examined": explained(
                "From the header: Body Part Examined (0018,0015), else what its Anatomic Region "
                "means. In capitals, at most 16 characters.",
                "WRIST",
            ),
            "view_position": explained(
                "From the header: View Position (0018,5101), in capitals, at most 16 characters.",
                "PA",
            ),
            "patient_orientation": explained(
                "Patient Orientation (0020,0020): to the right edge, a backslash, to the lower edge.",
                "L\\F",
            ),
            "sop_instance_uid": explained(
                "SOP Instance UID (0008,0018), at most 64 characters.",
                "1.2.840.113619.2.55.3.1.1.1",
            ),
            "sop_class_uid": explained(
                "SOP Class UID (0008,0016), at most 64 characters.", "1.2.840.10008.5.1.4.1.1.1.1"
            ),
            "instance_number": explained("Instance Number (0020,0013); null where it has none.", 1),
            "acquisition_date": explained(f"Acquisition Date (0008,0022). {CLOCK}", "2026-03-02"),
            "acquisition_time": explained(f"Acquisition Time (0008,0032). {CLOCK}", "09:14:27"),
            "content_date": explained(f"Content Date (0008,0023). {CLOCK}", "2026-03-02"),
            "content_time": explained(f"Content Time (0008,0033). {CLOCK}", "09:14:29"),
            "pixel_spacing_calibration_type": explained(
                "Pixel Spacing Calibration Type (0028,0A02): `GEOMETRY` (by the assumed distance), "
                "`FIDUCIAL` (by an object of known size), or empty.",
                "GEOMETRY",
            ),
            "rescale_slope": explained(
                "Rescale Slope (0028,1053): value = slope × stored value + intercept, and `windows` are in "
                "these values. No unit in a radiograph. Null where the header has none, which means 1.",
                1.0,
            ),
            "rescale_intercept": explained(
                "Rescale Intercept (0028,1052), in the same values; null where the header has none, which "
                "means 0.",
                0.0,
            ),
            "voi_lut_function": explained(
                "VOI LUT Function (0028,1056), how a window turns values into grey: `LINEAR`, `LINEAR_EXACT` "
                "or `SIGMOID`. Empty where the header has none of these, which means `LINEAR`.",
                "LINEAR",
            ),
            "photometric_interpretation": explained(
                "Photometric Interpretation (0028,0004) of the file. The display picture has bright bone.",
                "MONOCHROME2",
            ),
            "presentation_lut_shape": explained(
                "Presentation LUT Shape (2050,0020): `IDENTITY`, `INVERSE` or empty. Where it contradicts "
                "`photometric_interpretation`, that one counts.",
                "IDENTITY",
            ),
            "bits_stored": explained("Bits Stored (0028,0101), 2 to 16 bits a pixel.", 12),
        }

    @extend_schema_field(
        serializers.ListField(child=serializers.FloatField(), allow_null=True, max_length=2)
    )
    def get_pixel_spacing(self, image: Image) -> list[float] | None:
        return _pair(image.pixel_spacing_row, image.pixel_spacing_column)

    @extend_schema_field(
        serializers.ListField(child=serializers.FloatField(), allow_null=True, max_length=2)
    )
    def get_imager_pixel_spacing(self, image: Image) -> list[float] | None:
        return _pair(image.imager_pixel_spacing_row, image.imager_pixel_spacing_column)

    @extend_schema_field(WindowSerializer(many=True))
    def get_windows(self, image: Image) -> list[dict[str, Any]]:
        return WindowSerializer(image.windows, many=True).data


def _pair(row: float | None, column: float | None) -> list[float] | None:
    return None if row is None or column is None else [row, column]
