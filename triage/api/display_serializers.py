"""How an image is shown, and by what else it can be."""

from rest_framework import serializers

from triage.api.fields import OptionalCodeField
from triage.api.schema import explained
from triage.vocabulary import DisplayBy


class CurveSerializer(serializers.Serializer):
    """A window or a table (VOI LUT) of the header, by which the image can be shown."""

    number = serializers.IntegerField(
        **explained("Its place, from 1 on: `curve` of the address of `display`.", 1)
    )
    name = serializers.CharField(
        **explained("Its name, at most 64 characters; empty where it has none.", "BONE")
    )
    center = serializers.FloatField(
        source="window.center",
        default=None,
        allow_null=True,
        **explained("Centre of a window, as in `windows`; null for a table.", 2048.0),
    )
    width = serializers.FloatField(
        source="window.width",
        default=None,
        allow_null=True,
        **explained("Width of a window, above 0; null for a table.", 4096.0),
    )


class ImageDisplaySerializer(serializers.Serializer):
    """Fields of ``triage.models.image_display.ImageDisplay``."""

    display_by = OptionalCodeField(
        DisplayBy.choices,
        **explained(
            "What makes the greys of `display` and `thumbnail`. `window`: the header's window. `table`: its "
            "VOI LUT. `values`: the header has neither, so the picture's own values. `values_beside_window`: "
            "its own values too, since windows and tables of the header lie beside them and would show a "
            "blank picture. Empty for images that are older than this field.",
            "window",
        ),
    )
    curves = CurveSerializer(
        many=True,
        source="offered",
        help_text="Windows and tables of the header that show something of this image, at most 8. The first "
        "one is the default; `display` takes the number of another one as `curve`.",
    )
    pixel_aspect_ratio = serializers.FloatField(
        **explained(
            "Height of a pixel over its width, 0.25 to 4. `width` and `height` are the file's; `display` and "
            "`thumbnail` have square pixels. 1 too for images that are older than this field.",
            1.0,
        )
    )
