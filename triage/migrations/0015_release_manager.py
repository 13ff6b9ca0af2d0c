"""What refers to a release fetches it without its manifest."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0014_due_by_filter"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="release",
            options={
                "base_manager_name": "objects",
                "ordering": ["-registered_at"],
                "verbose_name": "model release",
                "verbose_name_plural": "model releases",
            },
        ),
    ]
