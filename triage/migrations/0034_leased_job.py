"""A job says which process claimed it last: ``LeasedJob.holder``."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0033_rescale"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="holder",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
    ]
