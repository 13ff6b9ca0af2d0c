"""A critical result whose opinion was corrected is notified from the first step on again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triage", "0063_readings_checked")]

    operations = [
        migrations.AddField(
            model_name="criticalresult",
            name="steps_before_review",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
