"""A class is stored of suspected fractures and doubts only; a call that may not be used is doubt."""

from django.db import migrations, models

USABLE = """
    UPDATE triage_release SET call_is_usable = true
    WHERE manifest #> '{call,usable}' = 'true'::jsonb;
"""

# Open cases count as in doubt where their release's call may not be used; closed ones stay as they were
# signed. Then no class stays beside a finding that names none: the prediction's own row keeps it.
TOLD = """
    UPDATE triage_case AS c
    SET suspicion = 1, predicted_class = p.top_class, confidence = p.confidence
    FROM triage_prediction AS p JOIN triage_release AS r ON r.id = p.release_id
    WHERE p.id = c.deciding_prediction_id
      AND c.state IN ('received', 'predicted', 'failed')
      AND p.assessable AND (NOT r.call_is_usable OR p.call = '');

    UPDATE triage_case SET predicted_class = '', confidence = 0
    WHERE suspicion NOT IN (0, 1) AND predicted_class <> '';
"""

# Backwards: every case that was read has a class again, and its finding is the call's.
UNTOLD = """
    UPDATE triage_case AS c
    SET predicted_class = p.top_class, confidence = p.confidence,
        suspicion = CASE
            WHEN NOT p.assessable THEN 3
            WHEN p.call = 'negative' THEN 2
            WHEN p.call = 'doubt' THEN 1
            ELSE 0
        END
    FROM triage_prediction AS p
    WHERE p.id = c.deciding_prediction_id;
"""

# Which picture decides, and by when, is for the pass in the background: one for each site that has open
# cases and none that is still to come.
DECIDED_ANEW = """
    INSERT INTO triage_redating (id, site_id, requested_at, done, changed, superseded)
    SELECT gen_random_uuid(), c.site_id, now(), 0, 0, false
    FROM (SELECT DISTINCT site_id FROM triage_case
          WHERE state IN ('received', 'predicted', 'failed')) AS c
    WHERE NOT EXISTS (SELECT FROM triage_redating AS r
                      WHERE r.site_id = c.site_id AND r.finished_at IS NULL);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("triage", "0008_find_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="release",
            name="call_is_usable",
            field=models.BooleanField(
                default=False,
                help_text="Fracture or none: otherwise every assessable picture counts as in doubt.",
                verbose_name="call may be used",
            ),
        ),
        migrations.RunSQL(USABLE, migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="case", name="case_predicted_has_a_class"),
        migrations.RemoveConstraint(model_name="case", name="case_class_comes_from_a_prediction"),
        migrations.RunSQL(TOLD, UNTOLD),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "predicted"), _negated=True),
                    ("deciding_prediction__isnull", False),
                    _connector="OR",
                ),
                name="case_predicted_has_a_prediction",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("suspicion__in", (0, 1)),
                        models.Q(("predicted_class", ""), _negated=True),
                    ),
                    models.Q(
                        models.Q(("suspicion__in", (0, 1)), _negated=True),
                        ("predicted_class", ""),
                    ),
                    _connector="OR",
                ),
                name="case_class_is_of_a_suspected_fracture",
            ),
        ),
        migrations.RunSQL(DECIDED_ANEW, migrations.RunSQL.noop),
    ]
