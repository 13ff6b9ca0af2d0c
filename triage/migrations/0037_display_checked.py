"""Checks the rows of before against the constraints of 0036, while the site may be running."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    # Each check in a transaction of its own: it reads the whole table, and locks no reader and no writer out.
    atomic = False

    dependencies = [("triage", "0036_display")]

    operations = [
        ValidateConstraint("image", "image_pixel_aspect_is_one_of_a_film"),
        ValidateConstraint("image", "image_is_shown_by_a_curve_that_it_has"),
    ]
