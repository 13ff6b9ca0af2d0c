"""Parameters of what went wrong with a release. ``problem`` itself holds a code from now on.

Old rows keep their sentence: ``triage.reasons`` shows both. The default is the database's own, so no row is
written.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triage", "0026_image_side_and_projection")]

    operations = [
        migrations.AddField(
            model_name="release",
            name="problem_params",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
    ]
