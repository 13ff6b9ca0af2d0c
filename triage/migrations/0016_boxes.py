"""Where a release suspects a fracture. Predictions that there are came from releases without a detector.

The columns are added without writing a row. Each check reads every prediction once, though none of its maps,
and the table is locked against reading and writing until all are done: stop web and workers for it. Checks
that are validated later would let pages be read meanwhile and no more, since the version before can't write to
the tables of 0017.
"""

import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0015_release_manager"),
    ]

    operations = [
        migrations.AddField(
            model_name="prediction",
            name="boxes",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="prediction",
            name="focus",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="prediction",
            name="fracture_map",
            field=models.JSONField(null=True),
        ),
        migrations.AddConstraint(
            model_name="prediction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("boxes__isnull", True),
                        ("focus__isnull", True),
                        ("fracture_map__isnull", True),
                    ),
                    models.Q(("assessable", False), ("boxes__isnull", False)),
                    models.Q(
                        ("boxes__isnull", False),
                        ("focus__isnull", False),
                        ("fracture_map__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="prediction_places_are_all_told_by_a_detector",
            ),
        ),
        migrations.AddConstraint(
            model_name="prediction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("boxes__isnull", True),
                    models.Q(
                        ("call__in", ("positive", "doubt")), models.Q(("boxes", []), _negated=True)
                    ),
                    models.Q(
                        models.Q(("call__in", ("positive", "doubt")), _negated=True), ("boxes", [])
                    ),
                    _connector="OR",
                ),
                name="prediction_has_boxes_where_it_calls_a_fracture",
            ),
        ),
        migrations.AddConstraint(
            model_name="prediction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.Exact(
                        models.Func(
                            models.F("boxes"),
                            function="jsonb_typeof",
                            output_field=models.CharField(),
                        ),
                        "array",
                    ),
                    models.Q(
                        models.Func(
                            models.F("boxes"),
                            output_field=models.BooleanField(),
                            template="jsonb_path_exists(%(expressions)s, '$[*] ? (!(@.x >= 0 && @.y >= 0 && @.width > 0 && @.height > 0 && @.x + @.width <= 1 && @.y + @.height <= 1 && @.score >= 0 && @.score <= 1))')",
                        ),
                        _negated=True,
                    ),
                ),
                name="prediction_boxes_lie_in_the_picture",
            ),
        ),
        migrations.AddConstraint(
            model_name="prediction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.Exact(
                        models.Func(
                            models.F("focus"),
                            function="jsonb_typeof",
                            output_field=models.CharField(),
                        ),
                        "object",
                    ),
                    models.Q(
                        models.Func(
                            models.F("focus"),
                            output_field=models.BooleanField(),
                            template="jsonb_path_exists(%(expressions)s, '$ ? (!(@.x >= 0 && @.x <= 1 && @.y >= 0 && @.y <= 1))')",
                        ),
                        _negated=True,
                    ),
                ),
                name="prediction_focus_lies_in_the_picture",
            ),
        ),
    ]
