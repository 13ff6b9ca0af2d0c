"""A priority has a wait for cases in doubt; null, as in every rule that stands now, means half."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("triage", "0005_agree_with_none")]

    operations = [
        migrations.AddField(
            model_name="waitrule",
            name="doubt_minutes",
            field=models.PositiveIntegerField(
                blank=True, null=True, verbose_name="allowed wait in doubt, in minutes"
            ),
        ),
        migrations.AddConstraint(
            model_name="waitrule",
            constraint=models.CheckConstraint(
                condition=Q(doubt_minutes=None)
                | Q(priority__isnull=False, doubt_minutes__gt=0, doubt_minutes__lte=F("minutes")),
                name="wait_rule_doubt_never_waits_longer",
            ),
        ),
    ]
