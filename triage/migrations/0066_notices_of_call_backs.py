"""A notice may be about a call-back, which says when somebody is told of it next.

Indexes and the looks at old rows are in the next migration, which stops nobody.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Now

REASON = {
    "choices": [
        ("dislocation_missed", "Dislocation missed"),
        ("fracture_missed", "Fracture missed"),
        ("possible_fracture", "Possible fracture missed"),
        ("treated_without", "Treated as a fracture, none was signed"),
        ("changed_since", "Corrected after the call-back was closed"),
    ],
    "max_length": 20,
    "verbose_name": "difference",
}


class Migration(migrations.Migration):
    dependencies = [("triage", "0065_ended_newest_first")]

    operations = [
        migrations.AddField(
            "callback", "step", models.PositiveSmallIntegerField(default=0, db_default=0)
        ),
        # What is open now, and what an older version opens meanwhile, is due at once.
        migrations.AddField(
            "callback", "next_at", models.DateTimeField(null=True, db_default=Now())
        ),
        migrations.AlterField("callback", "reason", models.CharField(**REASON)),
        migrations.AlterField("callbackrule", "reason", models.CharField(**REASON)),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE triage_notice ALTER COLUMN critical_result_id DROP NOT NULL;",
                    "ALTER TABLE triage_notice ALTER COLUMN critical_result_id SET NOT NULL;",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    "notice",
                    "critical_result",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="triage.criticalresult",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            "notice",
            "call_back",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="triage.callback",
            ),
        ),
        migrations.RunSQL(
            """
            ALTER TABLE triage_notice ADD CONSTRAINT notice_is_about_a_call_back
                FOREIGN KEY (call_back_id) REFERENCES triage_callback (id) NOT VALID;
            """,
            "ALTER TABLE triage_notice DROP CONSTRAINT notice_is_about_a_call_back;",
        ),
        AddConstraintNotValid(
            "notice",
            models.CheckConstraint(
                condition=Q(critical_result=None, call_back__isnull=False)
                | Q(critical_result__isnull=False, call_back=None),
                name="notice_is_about_one_thing",
            ),
        ),
    ]
