"""A reading is a row: who has the case, until when, and how it ended."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Now

import accounts.identifiers

ENDED = [
    ("signed", "Signed"),
    ("released", "Released by the reader"),
    ("lapsed", "The claim ran out"),
    ("withdrawn", "The case was withdrawn"),
]
SAME_SITE = """
    ALTER TABLE triage_reading ADD CONSTRAINT reading_is_of_its_cases_site
        FOREIGN KEY (site_id, case_id) REFERENCES triage_case (site_id, id);
"""
# A list shows who reads a case: see 0010_changes.
EVENTS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0027_release_problem_params"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Reading",
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
                ("opened_at", models.DateTimeField(db_default=Now(), verbose_name="opened")),
                ("claimed_until", models.DateTimeField(verbose_name="claimed until")),
                ("signed_at", models.DateTimeField(null=True, verbose_name="signed")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                (
                    "ended",
                    models.CharField(
                        blank=True, choices=ENDED, max_length=12, verbose_name="why it ended"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
                        to="triage.case",
                    ),
                ),
                (
                    "reader",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="readings",
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
                "verbose_name": "reading",
                "verbose_name_plural": "readings",
                "indexes": [
                    models.Index(
                        condition=Q(ended_at=None),
                        fields=["reader", "site"],
                        name="reading_by_reader",
                    ),
                    models.Index(
                        condition=Q(ended_at=None), fields=["site"], name="reading_by_site"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(ended_at=None),
                        fields=("case",),
                        name="reading_is_one_per_case_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=Q(ended_at=None, ended="")
                        | Q(ended_at__isnull=False) & ~Q(ended=""),
                        name="reading_ended_says_why",
                    ),
                    models.CheckConstraint(
                        condition=Q(signed_at=None) & ~Q(ended="signed")
                        | Q(signed_at__isnull=False, ended="signed"),
                        name="reading_signed_has_ended",
                    ),
                ],
            },
        ),
        migrations.RunSQL(SAME_SITE, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(
                f"CREATE TRIGGER triage_change_{event.lower()} AFTER {event} ON triage_reading "
                f"REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION triage_change_of_site();",
                migrations.RunSQL.noop,
            )
            for event, rows in EVENTS.items()
        ),
        migrations.AddField(
            model_name="review",
            name="reading",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reviews",
                to="triage.reading",
            ),
        ),
    ]
