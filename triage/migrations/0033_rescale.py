"""What a window needs to be shown: the rescale of an image, and its VOI LUT function."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0032_reading_history"),
    ]

    operations = [
        migrations.AddField(
            model_name="image",
            name="rescale_intercept",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="rescale_slope",
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="image",
            name="voi_lut_function",
            field=models.CharField(blank=True, db_default="", default="", max_length=16),
        ),
    ]
