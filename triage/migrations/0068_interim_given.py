"""An interim opinion may be sent along with its case."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triage", "0067_notices_of_call_backs_checked")]

    operations = [migrations.AddField("case", "interim_given", models.JSONField(null=True))]
