"""Critical results, their rules and steps, and the notices of them. New tables only."""

import accounts.identifiers
import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


# One that was acknowledged is history, and none is moved to another case.
ACKNOWLEDGED = """
CREATE FUNCTION triage_criticalresult_is_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'critical result % is history', OLD.id USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER triage_criticalresult_acknowledged BEFORE UPDATE ON triage_criticalresult FOR EACH ROW
    WHEN (OLD.acknowledged_at IS NOT NULL
        OR (OLD.id, OLD.case_id, OLD.site_id, OLD.opened_at)
            IS DISTINCT FROM (NEW.id, NEW.case_id, NEW.site_id, NEW.opened_at))
    EXECUTE FUNCTION triage_criticalresult_is_history();
"""
ACKNOWLEDGED_BACK = """
DROP TRIGGER triage_criticalresult_acknowledged ON triage_criticalresult;
DROP FUNCTION triage_criticalresult_is_history();
"""


def keep(table: str) -> migrations.RunSQL:
    name = f"{table}_append_only"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} BEFORE DELETE OR TRUNCATE "
        f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION callus_append_only();",
        f"DROP TRIGGER {name} ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_outbox_loss"),
        ("triage", "0052_opinions_of_before"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NoticeChoice",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="notice_choice",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("by_email", models.BooleanField(default=True, verbose_name="notices by e-mail")),
            ],
            options={
                "verbose_name": "choice of notices",
                "verbose_name_plural": "choices of notices",
            },
        ),
        migrations.CreateModel(
            name="CriticalResult",
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
                ("by_reader", models.BooleanField(verbose_name="called critical by the reader")),
                (
                    "opened_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="signed"
                    ),
                ),
                ("step", models.PositiveSmallIntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                (
                    "notified_roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("sender", "The sender"),
                                ("clinician", "Any clinician of the site"),
                                ("reviewer", "Any reviewer of the site"),
                            ],
                            max_length=12,
                        ),
                        size=None,
                        verbose_name="waits for",
                    ),
                ),
                ("acknowledged_at", models.DateTimeField(null=True, verbose_name="acknowledged")),
                (
                    "words",
                    models.TextField(
                        blank=True,
                        validators=[django.core.validators.MaxLengthValidator(500)],
                        verbose_name="words",
                    ),
                ),
                (
                    "acknowledged_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="critical_results",
                        to="triage.case",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="triage.review",
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.site",
                    ),
                ),
            ],
            options={
                "verbose_name": "critical result",
                "verbose_name_plural": "critical results",
            },
        ),
        migrations.CreateModel(
            name="CriticalRule",
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
                    "fracture_class",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("avulsion", "Avulsion"),
                            ("comminuted", "Comminuted"),
                            ("fracture_dislocation", "Fracture dislocation"),
                            ("greenstick", "Greenstick"),
                            ("hairline", "Hairline"),
                            ("impacted", "Impacted"),
                            ("longitudinal", "Longitudinal"),
                            ("oblique", "Oblique"),
                            ("pathological", "Pathological"),
                            ("spiral", "Spiral"),
                        ],
                        max_length=24,
                        verbose_name="type",
                    ),
                ),
                (
                    "body_part",
                    models.CharField(
                        blank=True,
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
                (
                    "also_possible",
                    models.BooleanField(default=False, verbose_name="also if only possible"),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="critical_rules",
                        to="accounts.site",
                    ),
                ),
            ],
            options={
                "verbose_name": "rule of critical results",
                "verbose_name_plural": "rules of critical results",
            },
        ),
        migrations.CreateModel(
            name="CriticalStep",
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
                ("number", models.PositiveSmallIntegerField()),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("sender", "The sender"),
                            ("clinician", "Any clinician of the site"),
                            ("reviewer", "Any reviewer of the site"),
                        ],
                        max_length=12,
                        verbose_name="who is notified",
                    ),
                ),
                ("minutes", models.PositiveIntegerField(verbose_name="minutes until the next")),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="critical_steps",
                        to="accounts.site",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of critical results",
                "verbose_name_plural": "steps of critical results",
            },
        ),
        migrations.CreateModel(
            name="Notice",
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
                ("step", models.PositiveSmallIntegerField()),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="when"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "To be sent"),
                            ("sent", "Sent"),
                            ("not_needed", "Not needed any more"),
                            ("failed", "Could not be sent"),
                        ],
                        default="waiting",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                (
                    "next_try_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("claimed_until", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent")),
                (
                    "error",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unreachable", "The mail server could not be reached."),
                            ("refused", "The mail server refused it."),
                        ],
                        max_length=12,
                        verbose_name="error",
                    ),
                ),
                (
                    "critical_result",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="triage.criticalresult",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.site",
                    ),
                ),
            ],
            options={
                "verbose_name": "notice",
                "verbose_name_plural": "notices",
            },
        ),
        migrations.AddIndex(
            model_name="criticalresult",
            index=models.Index(
                condition=models.Q(("acknowledged_at", None)),
                fields=["next_at"],
                name="critical_next",
            ),
        ),
        migrations.AddIndex(
            model_name="criticalresult",
            index=models.Index(
                condition=models.Q(("acknowledged_at", None)),
                fields=["site"],
                name="critical_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="criticalresult",
            constraint=models.UniqueConstraint(
                condition=models.Q(("acknowledged_at", None)),
                fields=("case",),
                name="critical_result_is_one_per_case_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="criticalresult",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("acknowledged_at", None),
                        ("acknowledged_by", None),
                        ("next_at__isnull", False),
                        ("words", ""),
                    ),
                    models.Q(
                        ("acknowledged_at__isnull", False),
                        ("acknowledged_by__isnull", False),
                        ("next_at", None),
                    ),
                    _connector="OR",
                ),
                name="critical_result_waits_or_says_who_took_note",
            ),
        ),
        migrations.AddConstraint(
            model_name="criticalrule",
            constraint=models.UniqueConstraint(
                fields=("site", "fracture_class", "body_part"),
                name="critical_rule_is_one_per_class_and_part",
            ),
        ),
        migrations.AddConstraint(
            model_name="criticalstep",
            constraint=models.UniqueConstraint(
                fields=("site", "number"), name="critical_step_is_one_a_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="criticalstep",
            constraint=models.CheckConstraint(
                condition=models.Q(("minutes__gt", 0), ("number__gt", 0)),
                name="critical_step_gives_some_time",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["next_try_at"],
                name="notice_to_send",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["site", "-created_at"], name="notice_log_of_site"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["person", "-created_at"], name="notice_log_of_person"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                fields=("critical_result", "step", "person"),
                name="notice_is_one_per_person_and_step",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_at__isnull", False), ("state", "sent")),
                    models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at", None)),
                    _connector="OR",
                ),
                name="notice_sent_says_when",
            ),
        ),
        keep("triage_criticalresult"),
        keep("triage_notice"),
        migrations.RunSQL(ACKNOWLEDGED, ACKNOWLEDGED_BACK),
    ]
