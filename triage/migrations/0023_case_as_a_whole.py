"""A case says the strongest call of its pictures, and is negative only if every picture was read.

Open cases are decided anew by the pass in the background; closed ones stay as they were signed, so that
nothing is counted for them. The columns have a default in the migration alone: no row is written.
"""

from django.db import migrations, models

# One pass for each site that has open cases and none that is still to come. A pass that has begun may have
# decided cases by the code of before, so it begins again.
DECIDED_ANEW = """
    UPDATE triage_redating
    SET cursor_received_at = NULL, cursor_id = NULL, total = NULL, done = 0, changed = 0
    WHERE finished_at IS NULL;

    INSERT INTO triage_redating (id, site_id, requested_at, done, changed, superseded)
    SELECT gen_random_uuid(), c.site_id, now(), 0, 0, false
    FROM (SELECT DISTINCT site_id FROM triage_case
          WHERE state IN ('received', 'predicted', 'failed')) AS c
    WHERE NOT EXISTS (SELECT FROM triage_redating AS r
                      WHERE r.site_id = c.site_id AND r.finished_at IS NULL);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0022_put_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="unread_images",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="case",
            name="refused_images",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("suspicion", 2), _negated=True),
                    models.Q(("refused_images", 0), ("unread_images", 0)),
                    _connector="OR",
                ),
                name="case_is_negative_only_as_a_whole",
            ),
        ),
        migrations.RunSQL(DECIDED_ANEW, migrations.RunSQL.noop),
    ]
