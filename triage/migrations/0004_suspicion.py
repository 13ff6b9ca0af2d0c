"""The worklist sorts and filters by what the model made of a case."""

from django.db import migrations, models

FILLED = """
    UPDATE triage_case AS c
    SET suspicion = CASE
        WHEN NOT p.assessable THEN 3
        WHEN p.call = 'negative' THEN 2
        WHEN p.call = 'doubt' THEN 1
        ELSE 0
    END
    FROM triage_prediction AS p
    WHERE p.id = c.deciding_prediction_id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0003_header_body_part"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="case",
            name="case_by_class",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_by_confidence",
        ),
        migrations.AddField(
            model_name="case",
            name="suspicion",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (0, "Fracture suspected"),
                    (1, "In doubt"),
                    (2, "No fracture seen"),
                    (3, "Not assessable"),
                    (4, "Not read yet"),
                ],
                default=4,
                verbose_name="finding",
            ),
        ),
        migrations.RunSQL(FILLED, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state__in", ["received", "predicted", "failed"])),
                fields=["site", "suspicion", "predicted_class", "-confidence", "id"],
                name="case_by_class",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("state__in", ["received", "predicted", "failed"])),
                fields=["site", "suspicion", "-confidence", "id"],
                name="case_by_confidence",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("deciding_prediction", None), ("suspicion", 4)),
                    models.Q(
                        ("deciding_prediction__isnull", False),
                        models.Q(("suspicion", 4), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="case_suspicion_comes_from_a_prediction",
            ),
        ),
    ]
