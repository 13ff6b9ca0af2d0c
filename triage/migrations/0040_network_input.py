"""A release's network input lies beside a picture. Old pictures have none: a worker reads their rendition."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0039_idempotency_key"),
    ]

    operations = [
        migrations.AddField(
            model_name="image",
            name="network_input",
            field=models.FileField(
                blank=True, db_default="", default="", max_length=200, upload_to=""
            ),
        ),
    ]
