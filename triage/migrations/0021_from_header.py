"""Which fields of the open cases of before were filled in by a header: not the sender's word.

Until 0017 nobody noted it, and the header's view was not kept at all. The body part counts as the header's
where the first picture with a part that intake knew then names the case's part: where the sender said the
same, each picture's own header is as good a word. A view counts as the header's where a DICOM file may have
told it of one picture among several. Closed cases are not read again.
"""

from django.db import migrations

# What intake read a header's words as before 0017. It stays as it was, whatever intake learns.
PARTS = (
    *("SKULL", "JAW", "CLAVICLE", "SHOULDER", "HUMERUS", "ELBOW", "FOREARM", "WRIST", "HAND"),
    *("FINGER", "RIB", "CHEST", "ABDOMEN", "CSPINE", "TSPINE", "LSPINE", "PELVIS", "HIP", "FEMUR"),
    *("KNEE", "LEG", "ANKLE", "FOOT", "TOE", "OTHER"),
)
WORDS = {
    "ARM": "HUMERUS",
    "UPPERARM": "HUMERUS",
    "RADIUS": "FOREARM",
    "ULNA": "FOREARM",
    "RADIUSULNA": "FOREARM",
    "SCAPULA": "SHOULDER",
    "THUMB": "FINGER",
    "RIBS": "RIB",
    "MANDIBLE": "JAW",
    "TIBIA": "LEG",
    "FIBULA": "LEG",
    "TIBIAFIBULA": "LEG",
    "LOWERLEG": "LEG",
    "EXTREMITY": "OTHER",
    "CALCANEUS": "FOOT",
    "PATELLA": "KNEE",
}
KNOWN = ", ".join(
    f"('{word}', '{part}')" for word, part in (*((part, part) for part in PARTS), *WORDS.items())
)
# Cases that came after 0017 have it noted. In a database without that row of the history all are earlier.
FILL = f"""
    WITH known (word, part) AS (VALUES {KNOWN}),
    earlier AS (
        SELECT id, body_part, projection FROM triage_case
        WHERE state IN ('received', 'predicted', 'failed')
          AND received_at < coalesce(
              (SELECT max(applied) FROM django_migrations
               WHERE app = 'triage' AND name = '0017_indications'), now())
    ),
    told AS (
        SELECT DISTINCT ON (image.case_id) image.case_id, known.part
        FROM earlier JOIN triage_image AS image ON image.case_id = earlier.id
        JOIN known ON known.word = translate(upper(image.body_part_examined), ' _/', '')
        ORDER BY image.case_id, image.position
    ),
    pictures AS (
        SELECT image.case_id, count(*) > 1 AND bool_or(image.kind = 'dicom') AS may_differ
        FROM earlier JOIN triage_image AS image ON image.case_id = earlier.id
        GROUP BY image.case_id
    ),
    filled AS (
        SELECT earlier.id, array_remove(ARRAY[
            CASE WHEN told.part = earlier.body_part THEN 'body_part' END,
            CASE WHEN pictures.may_differ AND earlier.projection <> '' THEN 'projection' END
        ], NULL)::varchar(20)[] AS names
        FROM earlier JOIN pictures ON pictures.case_id = earlier.id
        LEFT JOIN told ON told.case_id = earlier.id
    )
    UPDATE triage_case SET from_header = filled.names FROM filled
    WHERE filled.id = triage_case.id AND filled.names <> '{{}}' AND triage_case.from_header = '{{}}';
"""  # noqa: S608 - the words above, no one else's


class Migration(migrations.Migration):
    dependencies = [("triage", "0020_points_in_order_of_old_rows")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
