"""In which fields the header of an image contradicts the sender. Null of images of before."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triage", "0037_display_checked")]

    operations = [
        migrations.AddField(
            model_name="image",
            name="header_contradicts",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), blank=True, null=True, size=None
            ),
        ),
    ]
