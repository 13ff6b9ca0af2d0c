"""A case keeps the deadline that its priority alone gives, and an image is always of its case's site.

Old rows: the wait of the site's table as it is now, or of the defaults. A case that was closed under an
earlier table may have had a later deadline: then that one is the earliest that its priority can have given.
The statement writes each row of the table once. Until the pass that redates comes by, an open case whose
table changed a moment ago may have that later deadline too.
"""

from django.db import migrations, models
from django.db.models import F, Q

OPEN = Q(state__in=["received", "predicted", "failed"])

# Minutes as worklist.deadlines had them when this was written, whatever they become.
FILL = """
    UPDATE triage_case AS c
    SET priority_due_at = greatest(c.due_at, c.received_at + interval '1 minute' * coalesce(
        (SELECT r.minutes FROM triage_waitrule AS r
         WHERE r.site_id = c.site_id AND r.priority = c.priority),
        CASE c.priority WHEN 0 THEN 30 WHEN 1 THEN 240 ELSE 1440 END));
"""

# In one transaction with the rest, so those who write cases or images wait until it ends: see CHANGELOG.
SAME_SITE = """
    ALTER TABLE triage_image ADD CONSTRAINT image_is_of_its_cases_site
        FOREIGN KEY (site_id, case_id) REFERENCES triage_case (site_id, id) NOT VALID;
    ALTER TABLE triage_image VALIDATE CONSTRAINT image_is_of_its_cases_site;
"""


class Migration(migrations.Migration):
    dependencies = [("triage", "0023_case_as_a_whole")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="priority_due_at",
            field=models.DateTimeField(null=True, verbose_name="deadline by priority"),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="case",
            name="priority_due_at",
            field=models.DateTimeField(verbose_name="deadline by priority"),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=Q(due_at__lte=F("priority_due_at")), name="case_model_postpones_nothing"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["site", "priority", "priority_due_at", "id"],
                condition=OPEN,
                name="case_due_by_priority_alone",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(fields=["site", "id"], name="case_is_of_one_site"),
        ),
        migrations.RemoveIndex(model_name="case", name="case_newest_first"),
        migrations.RunSQL(
            SAME_SITE, "ALTER TABLE triage_image DROP CONSTRAINT image_is_of_its_cases_site;"
        ),
    ]
