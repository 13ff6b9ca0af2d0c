"""A reader can agree with "no fracture seen" and with "not assessable", which name no class."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0004_suspicion"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="review", name="review_names_classes_when_it_must"),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("classes__len__lte", 1), ("opinion", "agree")),
                    models.Q(("classes__len__gt", 0), ("opinion", "other_class")),
                    models.Q(
                        ("classes__len", 0), ("opinion__in", ["no_fracture", "not_assessable"])
                    ),
                    _connector="OR",
                ),
                name="review_names_classes_when_it_must",
            ),
        ),
    ]
