"""Interim opinions, and the call-backs that a signed opinion opens when it differs from one. New tables only."""

import accounts.identifiers
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


# A loop that was closed is history, and one is never moved to another case.
CLOSED = """
CREATE FUNCTION triage_callback_is_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'call-back % is history', OLD.id USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER triage_callback_closed BEFORE UPDATE ON triage_callback FOR EACH ROW
    WHEN (OLD.closed_at IS NOT NULL
        OR (OLD.id, OLD.case_id, OLD.site_id, OLD.opened_at)
            IS DISTINCT FROM (NEW.id, NEW.case_id, NEW.site_id, NEW.opened_at))
    EXECUTE FUNCTION triage_callback_is_history();
"""
CLOSED_BACK = """
DROP TRIGGER triage_callback_closed ON triage_callback;
DROP FUNCTION triage_callback_is_history();
"""


def refuse(events: str, table: str) -> migrations.RunSQL:
    name = f"{table}_append_only"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} BEFORE {events} "
        f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION callus_append_only();",
        f"DROP TRIGGER {name} ON {table};",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_outbox_loss"),
        ("triage", "0049_draft"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="InterimOpinion",
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
                    "interim_fracture",
                    models.CharField(
                        choices=[
                            ("fracture", "Fracture"),
                            ("none", "No fracture"),
                            ("unsure", "Unsure"),
                        ],
                        max_length=12,
                        verbose_name="fracture",
                    ),
                ),
                (
                    "treated_as",
                    models.CharField(
                        choices=[
                            ("fracture", "A fracture"),
                            ("dislocation", "A dislocation, with or without a fracture"),
                            ("soft_tissue", "A sprain or bruise"),
                            ("not_treated", "Not treated"),
                            ("other", "Something else"),
                        ],
                        max_length=12,
                        verbose_name="treated as",
                    ),
                ),
                (
                    "note",
                    models.TextField(
                        blank=True,
                        validators=[django.core.validators.MaxLengthValidator(500)],
                        verbose_name="what was done",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="recorded",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="interim_opinions",
                        to="triage.case",
                    ),
                ),
            ],
            options={
                "verbose_name": "interim opinion",
                "verbose_name_plural": "interim opinions",
                "ordering": ["recorded_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="CallBack",
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
                    "reason",
                    models.CharField(
                        choices=[
                            ("dislocation_missed", "Dislocation missed"),
                            ("fracture_missed", "Fracture missed"),
                            ("possible_fracture", "Possible fracture missed"),
                            ("treated_without", "Treated as a fracture, none was signed"),
                        ],
                        max_length=20,
                        verbose_name="difference",
                    ),
                ),
                (
                    "owner_role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("clinician", "Clinician"),
                            ("reviewer", "Reviewer"),
                            ("admin", "Site admin"),
                            ("service", "API client"),
                        ],
                        max_length=12,
                        verbose_name="who must act",
                    ),
                ),
                (
                    "opened_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="opened"
                    ),
                ),
                ("act_by", models.DateTimeField(verbose_name="act by")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="closed")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("comes_back", "The patient comes back"),
                            ("informed", "The patient was informed; nothing else is needed"),
                            ("elsewhere", "Treated elsewhere"),
                            ("no_change", "The treatment stays as it is"),
                            ("corrected", "The signed opinion was corrected"),
                            ("not_reachable", "Not reachable; a letter was sent"),
                            ("other", "Something else"),
                        ],
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                (
                    "words",
                    models.TextField(
                        blank=True,
                        validators=[django.core.validators.MaxLengthValidator(500)],
                        verbose_name="words",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="call_backs",
                        to="triage.case",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                (
                    "interim",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="triage.interimopinion",
                    ),
                ),
            ],
            options={
                "verbose_name": "call-back",
                "verbose_name_plural": "call-backs",
            },
        ),
        migrations.CreateModel(
            name="CallBackAttempt",
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
                    "made_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="when"
                    ),
                ),
                (
                    "attempt_outcome",
                    models.CharField(
                        choices=[
                            ("reached", "Reached"),
                            ("not_reached", "Not reached"),
                            ("message_left", "Message left"),
                            ("wrong_number", "Wrong number"),
                            ("other", "Something else"),
                        ],
                        max_length=16,
                        verbose_name="what became of it",
                    ),
                ),
                (
                    "words",
                    models.TextField(
                        blank=True,
                        validators=[django.core.validators.MaxLengthValidator(500)],
                        verbose_name="words",
                    ),
                ),
                (
                    "call_back",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attempts",
                        to="triage.callback",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "attempt of a call-back",
                "verbose_name_plural": "attempts of call-backs",
                "ordering": ["made_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("attempt_outcome", "other"), _negated=True),
                            models.Q(("words", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="call_back_attempt_says_what_else",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CallBackRule",
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
                    "reason",
                    models.CharField(
                        choices=[
                            ("dislocation_missed", "Dislocation missed"),
                            ("fracture_missed", "Fracture missed"),
                            ("possible_fracture", "Possible fracture missed"),
                            ("treated_without", "Treated as a fracture, none was signed"),
                        ],
                        max_length=20,
                        verbose_name="difference",
                    ),
                ),
                ("is_on", models.BooleanField(default=True, verbose_name="call back")),
                (
                    "owner",
                    models.CharField(
                        choices=[
                            ("sender", "The sender"),
                            ("clinician", "Any clinician of the site"),
                            ("reviewer", "Any reviewer of the site"),
                        ],
                        max_length=12,
                        verbose_name="who must act",
                    ),
                ),
                ("minutes", models.PositiveIntegerField(verbose_name="within minutes")),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="call_back_rules",
                        to="accounts.site",
                    ),
                ),
            ],
            options={
                "verbose_name": "rule of call-backs",
                "verbose_name_plural": "rules of call-backs",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("site", "reason"), name="call_back_rule_is_one_per_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minutes__gt", 0)),
                        name="call_back_rule_gives_some_time",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="interimopinion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("treated_as", "other"), _negated=True),
                    models.Q(("note", ""), _negated=True),
                    _connector="OR",
                ),
                name="interim_opinion_says_what_else",
            ),
        ),
        migrations.AddIndex(
            model_name="callback",
            index=models.Index(
                condition=models.Q(("closed_at", None)),
                fields=["site", "act_by"],
                name="call_back_to_do",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)),
                fields=("case",),
                name="call_back_is_one_per_case_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("owner__isnull", False), ("owner_role", "")),
                    models.Q(("owner", None), models.Q(("owner_role", ""), _negated=True)),
                    _connector="OR",
                ),
                name="call_back_has_one_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_at", None), ("closed_by", None), ("outcome", ""), ("words", "")
                    ),
                    models.Q(
                        ("closed_at__isnull", False),
                        ("closed_by__isnull", False),
                        models.Q(("outcome", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="call_back_ends_with_an_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="callback",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "other"), _negated=True),
                    models.Q(("words", ""), _negated=True),
                    _connector="OR",
                ),
                name="call_back_says_what_else",
            ),
        ),
        refuse("UPDATE OR DELETE OR TRUNCATE", "triage_interimopinion"),
        refuse("UPDATE OR DELETE OR TRUNCATE", "triage_callbackattempt"),
        refuse("DELETE OR TRUNCATE", "triage_callback"),
        migrations.RunSQL(CLOSED, CLOSED_BACK),
    ]
