"""The lists of closed call-backs and acknowledged results walk an index, however long the history is."""

from django.db import migrations, models

from accounts.index_operations import AddIndexRepeatably


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("triage", "0064_steps_before_review")]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="error",
            field=models.CharField(
                blank=True,
                choices=[
                    ("unreachable", "The mail server could not be reached."),
                    ("refused", "The mail server refused it."),
                    ("other", "It could not be written or sent."),
                ],
                max_length=12,
                verbose_name="error",
            ),
        ),
        AddIndexRepeatably(
            model_name="callback",
            index=models.Index(
                fields=["site", "-closed_at", "-id"],
                condition=models.Q(("closed_at__isnull", False)),
                name="call_back_closed",
            ),
        ),
        AddIndexRepeatably(
            model_name="criticalresult",
            index=models.Index(
                fields=["site", "-acknowledged_at", "-id"],
                condition=models.Q(("acknowledged_at__isnull", False)),
                name="critical_acknowledged",
            ),
        ),
    ]
