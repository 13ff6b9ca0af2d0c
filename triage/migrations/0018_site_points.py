"""A site's own operating points, kept as a history that nobody rewrites, and the points of each call.

Predictions are locked while the two checks on them read each row once: stop web and workers.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.identifiers

# The share of broken bones that a release was calibrated on, from its manifest: as registration writes it.
PREVALENCE = """
    UPDATE triage_release
    SET prevalence = (manifest #>> '{metrics,fracture,fractured}')::float
                   / (manifest #>> '{metrics,fracture,pictures}')::float
    WHERE CASE WHEN jsonb_typeof(manifest #> '{metrics,fracture,fractured}') = 'number'
                AND jsonb_typeof(manifest #> '{metrics,fracture,pictures}') = 'number'
               THEN (manifest #>> '{metrics,fracture,fractured}')::float > 0
                AND (manifest #>> '{metrics,fracture,fractured}')::float
                  < (manifest #>> '{metrics,fracture,pictures}')::float
               ELSE false END;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_sign_in_tries"),
        ("triage", "0017_indications"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SitePoints",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=accounts.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "negative_below",
                    models.FloatField(null=True, verbose_name="no fracture seen below"),
                ),
                (
                    "positive_from",
                    models.FloatField(null=True, verbose_name="fracture suspected from"),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="why")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "release",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="site_points",
                        to="triage.release",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="points",
                        to="accounts.site",
                    ),
                ),
            ],
            options={
                "verbose_name": "operating points of a site",
                "verbose_name_plural": "operating points of sites",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["site", "release", "number"],
                        name="site_points_number_is_one_per_release",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("negative_below", None), ("positive_from", None)),
                            models.Q(
                                ("negative_below__gt", 0),
                                ("negative_below__isnull", False),
                                ("negative_below__lte", models.F("positive_from")),
                                ("positive_from__isnull", False),
                                ("positive_from__lt", 1),
                            ),
                            _connector="OR",
                        ),
                        name="site_points_are_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="site_points_say_why",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            """
            CREATE TRIGGER triage_sitepoints_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
                ON triage_sitepoints FOR EACH STATEMENT EXECUTE FUNCTION callus_append_only();
            """,
            "DROP TRIGGER triage_sitepoints_append_only ON triage_sitepoints;",
        ),
        migrations.AddField(
            model_name="release", name="prevalence", field=models.FloatField(null=True)
        ),
        migrations.RunSQL(PREVALENCE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("prevalence", None),
                    models.Q(("prevalence__gt", 0), ("prevalence__lt", 1)),
                    _connector="OR",
                ),
                name="release_prevalence_is_a_share",
            ),
        ),
        migrations.AddField(
            model_name="prediction", name="negative_below", field=models.FloatField(null=True)
        ),
        migrations.AddField(
            model_name="prediction", name="positive_from", field=models.FloatField(null=True)
        ),
        migrations.AddField(
            model_name="prediction",
            name="site_points",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="predictions",
                to="triage.sitepoints",
            ),
        ),
        migrations.AddConstraint(
            model_name="prediction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("negative_below", None), ("positive_from", None), ("site_points", None)
                    ),
                    models.Q(("negative_below__isnull", False), ("positive_from__isnull", False)),
                    _connector="OR",
                ),
                name="prediction_has_both_points_or_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="prediction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("negative_below", None),
                    models.Q(("call__in", ("positive", "doubt", "negative")), _negated=True),
                    models.Q(
                        ("fracture_probability__isnull", False),
                        models.Q(
                            models.Q(
                                ("call", "positive"),
                                ("fracture_probability__gte", models.F("positive_from")),
                            ),
                            models.Q(
                                ("call", "doubt"),
                                ("fracture_probability__gte", models.F("negative_below")),
                                ("fracture_probability__lt", models.F("positive_from")),
                            ),
                            models.Q(
                                ("call", "negative"),
                                ("fracture_probability__lt", models.F("negative_below")),
                            ),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="prediction_call_follows_its_points",
            ),
        ),
    ]
