"""Places on an image, in fractions of its width and height."""

from typing import Any

from rest_framework import serializers

from triage.api.schema import explained


class Fraction(serializers.FloatField):
    """0..1."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=1, **options)


class PointSerializer(serializers.Serializer):
    """A place on the image, in fractions of its width and height from the upper left corner."""

    x = Fraction(**explained("From the left edge: 0, to the right edge: 1.", 0.4594))
    y = Fraction(**explained("From the upper edge: 0, to the lower edge: 1.", 0.6479))


class BoxSerializer(serializers.Serializer):
    """A rectangle on the image in which the release suspects a fracture. It lies within the image."""

    x = Fraction(**explained("Its left edge, as a fraction of the image's width.", 0.3875))
    y = Fraction(**explained("Its upper edge, as a fraction of the image's height.", 0.6021))
    width = Fraction(**explained("As a fraction of the image's width; more than 0.", 0.1438))
    height = Fraction(**explained("As a fraction of the image's height; more than 0.", 0.0917))
    score = Fraction(
        **explained("Calibrated probability that the box lies on a fracture, 0 to 1.", 0.71)
    )
