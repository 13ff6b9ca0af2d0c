"""How a picture is shown: by what, by which curves, and with which pixel aspect.

Rows of before keep what is true of them: "not recorded", no curves, and pixels that were taken for square.
Constant defaults write no row, and the rows are only checked by the next migration, so no table is locked long.
"""

import django.core.validators
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q

DISPLAY_BY = [
    ("window", "window of the header"),
    ("table", "table of the header (VOI LUT)"),
    ("values", "values of the picture"),
    ("values_beside_window", "values of the picture, since the header's window shows none"),
]
BY_CURVE = Q(display_by__in=["window", "table"])


class Migration(migrations.Migration):
    dependencies = [("triage", "0035_image_of_its_own_files")]

    operations = [
        migrations.AddField(
            model_name="image",
            name="curves",
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
        migrations.AddField(
            model_name="image",
            name="display_by",
            field=models.CharField(
                blank=True, choices=DISPLAY_BY, db_default="", default="", max_length=24
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="pixel_aspect_ratio",
            field=models.FloatField(
                db_default=1.0,
                default=1.0,
                validators=[
                    django.core.validators.MinValueValidator(0.25),
                    django.core.validators.MaxValueValidator(4.0),
                ],
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="presentation_lut_shape",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
        AddConstraintNotValid(
            model_name="image",
            constraint=models.CheckConstraint(
                condition=Q(pixel_aspect_ratio__gte=0.25, pixel_aspect_ratio__lte=4.0),
                name="image_pixel_aspect_is_one_of_a_film",
            ),
        ),
        AddConstraintNotValid(
            model_name="image",
            constraint=models.CheckConstraint(
                condition=(BY_CURVE & ~Q(curves=[])) | (~BY_CURVE & Q(curves=[])),
                name="image_is_shown_by_a_curve_that_it_has",
            ),
        ),
    ]
