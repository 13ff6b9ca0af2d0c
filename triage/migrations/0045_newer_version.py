"""A case may be a newer version of earlier ones, and end an open one of them.

The look at the old rows is in the next migration, which stops nobody.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q

import accounts.identifiers

# The same as before for a case that was not replaced; a running version of before replaces none.
WITHDRAWN = AddConstraintNotValid(
    model_name="case",
    constraint=models.CheckConstraint(
        condition=Q(state="withdrawn", withdrawn_by__isnull=False)
        & (
            Q(replaced_by=None) & ~Q(withdrawn_reason="")
            | Q(replaced_by__isnull=False, withdrawn_reason="")
        )
        | ~Q(state="withdrawn") & Q(withdrawn_by=None, withdrawn_reason="", replaced_by=None),
        name="case_withdrawn_says_who_and_why",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("triage", "0044_image_by_instance")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="replaced_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="triage.case",
            ),
        ),
        # With the site: a case is never replaced by one of another clinic.
        migrations.RunSQL(
            """
            ALTER TABLE triage_case ADD CONSTRAINT case_is_replaced_at_its_site
                FOREIGN KEY (site_id, replaced_by_id) REFERENCES triage_case (site_id, id) NOT VALID;
            """,
            "ALTER TABLE triage_case DROP CONSTRAINT case_is_replaced_at_its_site;",
        ),
        migrations.RemoveConstraint(model_name="case", name="case_withdrawn_says_who_and_why"),
        WITHDRAWN,
        migrations.CreateModel(
            name="NewerVersion",
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
                    "newer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="triage.case",
                    ),
                ),
                (
                    "earlier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="triage.case",
                    ),
                ),
            ],
            options={"verbose_name": "newer version", "verbose_name_plural": "newer versions"},
        ),
        migrations.AddConstraint(
            model_name="newerversion",
            constraint=models.UniqueConstraint(
                fields=("newer", "earlier"), name="newer_version_is_linked_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="newerversion",
            constraint=models.CheckConstraint(
                condition=Q(newer__gt=F("earlier")), name="newer_version_came_later"
            ),
        ),
        migrations.AddField(
            model_name="case",
            name="newer_version_of",
            field=models.ManyToManyField(
                related_name="newer_versions",
                through="triage.NewerVersion",
                through_fields=("newer", "earlier"),
                to="triage.case",
            ),
        ),
        migrations.RunSQL(
            "CREATE TRIGGER triage_newerversion_append_only BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON triage_newerversion FOR EACH STATEMENT EXECUTE FUNCTION callus_append_only();",
            "DROP TRIGGER triage_newerversion_append_only ON triage_newerversion;",
        ),
    ]
