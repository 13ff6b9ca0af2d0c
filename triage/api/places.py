"""Places on an image, in fractions of its width and height."""

from rest_framework import serializers

from triage.api.fields import ShareField
from triage.api.schema import explained


class PointSerializer(serializers.Serializer):
    """A place on the image, in fractions of its width and height from the upper left corner."""

    x = ShareField(**explained("From the left edge: 0, to the right edge: 1.", 0.4594))
    y = ShareField(**explained("From the upper edge: 0, to the lower edge: 1.", 0.6479))


class BoxSerializer(serializers.Serializer):
    """A rectangle on the image in which the release suspects a fracture. It lies within the image."""

    x = ShareField(**explained("Its left edge, as a fraction of the image's width.", 0.3875))
    y = ShareField(**explained("Its upper edge, as a fraction of the image's height.", 0.6021))
    width = ShareField(**explained("As a fraction of the image's width; more than 0.", 0.1438))
    height = ShareField(**explained("As a fraction of the image's height; more than 0.", 0.0917))
    score = ShareField(
        **explained("Calibrated probability that the box lies on a fracture, 0 to 1.", 0.71)
    )
