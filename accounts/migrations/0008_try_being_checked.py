"""A password that is being checked is not yet a wrong one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_outbox_loss"),
    ]

    operations = [
        # Null in what an older version inserts: there it counts as wrong while it is checked, as before.
        migrations.AddField(
            model_name="signintry",
            name="checked_until",
            field=models.DateTimeField(null=True),
        ),
    ]
