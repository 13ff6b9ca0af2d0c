"""What a release is not for is not read: its own end of a job, and a case that stays unread for that reason.

Pictures that were called not assessable for what their header said keep that prediction. Cases, jobs and
predictions are locked while each check reads them once and the index on jobs is built. The new columns have
no default in the database, so the version before can't write to these tables: stop web and workers.
"""

import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_sign_in_tries"),
        ("triage", "0016_boxes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="case",
            name="case_predicted_has_a_prediction",
        ),
        migrations.AddField(
            model_name="case",
            name="from_header",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="unread_code",
            field=models.CharField(
                blank=True, choices=[("outside_indications", "Not read by a model")], max_length=24
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="view_position",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddField(
            model_name="job",
            name="reason",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="prediction",
            name="indication",
            field=models.CharField(
                blank=True,
                choices=[("measured", "Measured"), ("not_measured", "Not measured")],
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="prediction",
            name="not_measured_for",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=24), blank=True, default=list, size=None
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="body_part",
            field=models.CharField(
                choices=[
                    ("SKULL", "Skull"),
                    ("JAW", "Jaw"),
                    ("CLAVICLE", "Clavicle"),
                    ("SHOULDER", "Shoulder"),
                    ("HUMERUS", "Upper arm"),
                    ("ELBOW", "Elbow"),
                    ("FOREARM", "Forearm"),
                    ("WRIST", "Wrist"),
                    ("HAND", "Hand"),
                    ("FINGER", "Finger"),
                    ("RIB", "Ribs"),
                    ("CHEST", "Chest"),
                    ("ABDOMEN", "Abdomen"),
                    ("CSPINE", "Cervical spine"),
                    ("TSPINE", "Thoracic spine"),
                    ("LSPINE", "Lumbar spine"),
                    ("PELVIS", "Pelvis"),
                    ("HIP", "Hip"),
                    ("FEMUR", "Thigh"),
                    ("KNEE", "Knee"),
                    ("LEG", "Lower leg"),
                    ("ANKLE", "Ankle"),
                    ("FOOT", "Foot"),
                    ("TOE", "Toe"),
                    ("OTHER", "Other"),
                ],
                max_length=16,
                verbose_name="body part",
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="suspicion",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (0, "Fracture suspected"),
                    (1, "In doubt"),
                    (2, "No fracture seen"),
                    (3, "Not assessable"),
                    (4, "Not read by a model, or not yet"),
                ],
                default=4,
                verbose_name="finding",
            ),
        ),
        migrations.AlterField(
            model_name="job",
            name="state",
            field=models.CharField(
                choices=[
                    ("queued", "Queued"),
                    ("running", "Running"),
                    ("done", "Done"),
                    ("failed", "Failed"),
                    ("excluded", "Not for this release"),
                ],
                default="queued",
                max_length=12,
                verbose_name="state",
            ),
        ),
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(("state", "excluded")),
                fields=["release", "finished_at"],
                name="job_excluded_by_release",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "predicted"), _negated=True),
                    ("deciding_prediction__isnull", False),
                    models.Q(("unread_code", ""), _negated=True),
                    _connector="OR",
                ),
                name="case_predicted_has_a_prediction_or_none_to_come",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("unread_code", ""),
                    models.Q(
                        ("deciding_prediction", None),
                        models.Q(("state__in", ["received", "failed"]), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="case_unread_code_is_of_an_unread_case",
            ),
        ),
        migrations.AddConstraint(
            model_name="job",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "excluded"), models.Q(("reason", ""), _negated=True)),
                    models.Q(models.Q(("state", "excluded"), _negated=True), ("reason", "")),
                    _connector="OR",
                ),
                name="job_excluded_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="prediction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("not_measured_for", []), ("indication", "not_measured"), _connector="OR"
                ),
                name="prediction_names_only_what_was_not_measured",
            ),
        ),
    ]
