"""Releases are checked by a worker before they can be active; jobs count interruptions."""

import django.db.models.deletion
from django.db import migrations, models


# The active release has read cases: it is usable. Any other one is checked by the first worker.
FILLED = """
    UPDATE triage_release
    SET state = CASE WHEN is_active THEN 'usable' ELSE 'checking' END,
        check_due_at = CASE WHEN is_active THEN NULL ELSE now() END;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0011_closed_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReleaseLoad",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("worker", models.CharField(max_length=100)),
                ("leased_until", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="job",
            name="interruptions",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="job",
            name="not_before",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="release",
            name="activation",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "An administrator activates it"),
                    ("if_none", "It becomes active if no release is active"),
                    ("always", "It becomes active"),
                ],
                default="",
                max_length=8,
                verbose_name="after the check",
            ),
        ),
        migrations.AddField(
            model_name="release",
            name="check_attempt",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="release",
            name="check_due_at",
            field=models.DateTimeField(null=True, verbose_name="next check"),
        ),
        migrations.AddField(
            model_name="release",
            name="checked_at",
            field=models.DateTimeField(null=True, verbose_name="last check"),
        ),
        migrations.AddField(
            model_name="release",
            name="checks_left",
            field=models.PositiveSmallIntegerField(default=3, verbose_name="checks left"),
        ),
        migrations.AddField(
            model_name="release",
            name="problem",
            field=models.CharField(blank=True, max_length=500, verbose_name="what went wrong"),
        ),
        migrations.AddField(
            model_name="release",
            name="state",
            field=models.CharField(
                choices=[
                    ("checking", "Being checked"),
                    ("usable", "Usable"),
                    ("set_aside", "Set aside"),
                ],
                default="checking",
                max_length=12,
                verbose_name="state",
            ),
        ),
        migrations.RunSQL(FILLED, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "failed"])),
                fields=["release"],
                name="job_unread_by_release",
            ),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_active", False), ("state", "usable"), _connector="OR"),
                name="release_active_is_usable",
            ),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "set_aside"), _negated=True),
                    models.Q(("problem", ""), _negated=True),
                    _connector="OR",
                ),
                name="release_set_aside_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "usable"),
                    models.Q(("check_due_at__isnull", False), ("state", "checking")),
                    models.Q(("check_due_at", None), ("state", "set_aside")),
                    _connector="OR",
                ),
                name="release_checking_has_a_check",
            ),
        ),
        migrations.AddField(
            model_name="releaseload",
            name="release",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="loads",
                to="triage.release",
            ),
        ),
    ]
