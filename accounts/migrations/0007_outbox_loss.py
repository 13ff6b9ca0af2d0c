"""How many events the outbox forgot undelivered: one row, for the log and the health check."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_outbox"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutboxLoss",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("events", models.PositiveBigIntegerField(default=0, editable=False)),
                ("last_at", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="outbox_loss_is_one_row"
                    )
                ],
            },
        ),
    ]
