"""What a viewer needs to make the display's greys of a rendition; null of every image of before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triage", "0078_draft_of_correction_checked")]

    operations = [
        migrations.AddField(
            model_name="image", name="look", field=models.JSONField(blank=True, null=True)
        ),
    ]
