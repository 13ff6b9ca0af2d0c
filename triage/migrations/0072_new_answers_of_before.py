"""What was signed after a person's last look stays new. What anybody could have seen before is not new.

Who never said that they had looked has nothing new: a version that had no such list has shown them all of it.
The trigger of 0071 is there by now, so that no signature falls between; what it wrote is newer, and stays.
"""

from django.db import migrations

FILL = """
INSERT INTO triage_newanswer (case_id, sender_id, review_id)
    SELECT c.id, c.sender_id, r.id
    FROM triage_sentlook AS look
    JOIN triage_case AS c ON c.sender_id = look.user_id
    JOIN triage_review AS r ON r.case_id = c.id
    WHERE r.signed_at > look.looked_at AND r.stage <> 'first' AND c.state IN ('reviewed', 'third')
        AND NOT EXISTS (SELECT FROM triage_review AS newer WHERE newer.supersedes_id = r.id)
        AND (r.stage = 'third' OR NOT EXISTS (
            SELECT FROM triage_review AS third WHERE third.case_id = c.id AND third.stage = 'third'
        ))
    ON CONFLICT (case_id) DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("triage", "0071_new_answer")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
