"""A case arrives before it is received: its files are jobs for the decoder, and it may be refused.

Indexes and the look at the old rows are in the next migration, which stops nobody.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q

import accounts.identifiers
import triage.models.decode_job

UNENDED = Q(state__in=["received", "predicted", "failed"]) | Q(state="arriving")
# As triage_change_of_site (0010), but lists show no case that arrives or was refused.
FUNCTION = """
CREATE FUNCTION triage_change_of_case() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO triage_change (site_id) SELECT DISTINCT t.site_id FROM new_rows AS t
            WHERE t.state NOT IN ('arriving', 'refused');
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO triage_change (site_id) SELECT DISTINCT t.site_id FROM old_rows AS t
            WHERE t.state NOT IN ('arriving', 'refused');
    ELSE
        INSERT INTO triage_change (site_id)
            SELECT t.site_id FROM old_rows AS t WHERE t.state NOT IN ('arriving', 'refused')
            UNION
            SELECT t.site_id FROM new_rows AS t WHERE t.state NOT IN ('arriving', 'refused');
    END IF;
    RETURN NULL;
END $$;
"""
EVENTS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}


def _triggers(function: str) -> str:
    return "".join(
        f"DROP TRIGGER triage_change_{event.lower()} ON triage_case;"
        f"CREATE TRIGGER triage_change_{event.lower()} AFTER {event} ON triage_case "
        f"REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION {function}();"
        for event, rows in EVENTS.items()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0041_alternatives"),
    ]

    operations = [
        migrations.CreateModel(
            name="DecodeJob",
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
                (
                    "state",
                    models.CharField(
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
                ("attempt", models.PositiveSmallIntegerField(default=0, verbose_name="attempt")),
                ("attempts_left", models.PositiveSmallIntegerField(default=3)),
                ("alone", models.BooleanField(default=False)),
                ("interruptions", models.PositiveSmallIntegerField(default=0)),
                ("not_before", models.DateTimeField(null=True)),
                ("leased_until", models.DateTimeField(null=True)),
                ("holder", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("queued_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("error", models.CharField(blank=True, max_length=300)),
                ("error_detail", models.TextField(blank=True)),
                ("position", models.PositiveSmallIntegerField()),
                ("priority", models.PositiveSmallIntegerField()),
                ("file_name", models.CharField(max_length=255)),
                ("byte_size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("original", models.FileField(blank=True, max_length=200, upload_to="")),
                (
                    "side",
                    models.CharField(
                        blank=True,
                        choices=[("L", "Left"), ("R", "Right"), ("B", "Both"), ("U", "Unpaired")],
                        max_length=1,
                    ),
                ),
                (
                    "projection",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("AP", "AP"),
                            ("PA", "PA"),
                            ("LL", "Lateral"),
                            ("OBL", "Oblique"),
                            ("AXIAL", "Axial"),
                            ("SEVERAL", "Several"),
                            ("OTHER", "Other"),
                        ],
                        max_length=8,
                    ),
                ),
                ("answer", models.JSONField(null=True)),
                ("derived", triage.models.decode_job.StoredNames(default=dict)),
                ("refusal_code", models.CharField(blank=True, max_length=40)),
                ("refusal_params", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["case_id", "position"],
            },
        ),
        migrations.AddField(
            model_name="decodejob",
            name="case",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decode_jobs",
                to="triage.case",
            ),
        ),
        migrations.AddIndex(
            model_name="decodejob",
            index=models.Index(
                condition=models.Q(("state", "queued")),
                fields=["priority", "queued_at", "id"],
                name="decode_job_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="decodejob",
            index=models.Index(
                condition=models.Q(("state", "running")),
                fields=["leased_until"],
                name="decodejob_leases",
            ),
        ),
        migrations.AddConstraint(
            model_name="decodejob",
            constraint=models.UniqueConstraint(
                fields=("case", "position"), name="decode_job_has_its_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="decodejob",
            constraint=models.UniqueConstraint(
                condition=models.Q(("refusal_code", "")),
                fields=("case", "sha256"),
                name="decode_job_is_in_a_case_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="decodejob",
            constraint=models.CheckConstraint(
                condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                name="decode_job_sha256_is_hex",
            ),
        ),
        migrations.AddConstraint(
            model_name="decodejob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refusal_code", ""),
                    models.Q(("answer__isnull", True), ("state__in", ["done", "failed"])),
                    _connector="OR",
                ),
                name="decode_job_refused_has_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="decodejob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("leased_until__isnull", False), ("state", "running")),
                    models.Q(models.Q(("state", "running"), _negated=True), ("leased_until", None)),
                    _connector="OR",
                ),
                name="decodejob_lease_means_running",
            ),
        ),
        migrations.AddConstraint(
            model_name="decodejob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "failed"), _negated=True),
                    models.Q(("error", ""), _negated=True),
                    _connector="OR",
                ),
                name="decodejob_failed_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="decodejob",
            constraint=models.UniqueConstraint(
                condition=models.Q(("original__startswith", "arrived/")),
                fields=("original",),
                name="decode_job_original_is_its_own",
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="dismissed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="refusal",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="several_studies",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="case",
            name="state",
            field=models.CharField(
                choices=[
                    ("arriving", "Arriving"),
                    ("refused", "Refused"),
                    ("received", "Waiting for the model"),
                    ("predicted", "Waiting for a reader"),
                    ("failed", "Model failed, read without it"),
                    ("reviewed", "Reviewed"),
                    ("withdrawn", "Withdrawn"),
                ],
                max_length=12,
                verbose_name="state",
            ),
        ),
        AddConstraintNotValid(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=(UNENDED & Q(closed_at=None)) | (~UNENDED & Q(closed_at__isnull=False)),
                name="case_open_or_ended",
            ),
        ),
        AddConstraintNotValid(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=Q(state="refused", refusal__isnull=False)
                | ~Q(state="refused") & Q(refusal__isnull=True, dismissed_at=None),
                name="case_refused_says_why",
            ),
        ),
        migrations.RemoveConstraint(model_name="case", name="case_open_or_closed"),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION triage_change_of_case();"),
        migrations.RunSQL(_triggers("triage_change_of_case"), _triggers("triage_change_of_site")),
    ]
