"""Side and projection of the pictures of before, as far as they are known, and the checks that 0025 noted.

Until now only a case had a side and a projection, and only the fields that a header filled in were noted
(since 0017). So a picture gets

* the case's projection where the sender said it of all pictures, or where it is the case's only picture;
  otherwise the view of its own header, if that was kept;
* the case's side where it is the case's only picture, or where the sender surely said it: no picture of the
  case is a DICOM file, or the case notes other fields that a header filled in.

Everything else stays unknown: a wrong side is worse than none. Not one transaction: each chunk of rows is
written in one of its own, so that no reader and no worker waits for the whole table. Running it again, after
an interruption, writes the same values.
"""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CHUNK = 5_000  # rows: a transaction of about 0.2 s

# What intake and the release's table read a header's words as. It stays as it was, whatever they learn.
VIEWS = {
    **dict.fromkeys(("AP", "A P", "FRONTAL", "DP", "PD"), "AP"),
    **dict.fromkeys(("PA", "P A"), "PA"),
    **dict.fromkeys(("LATERAL", "LAT", "LL", "RL", "LLD", "RLD", "ML", "LM"), "LL"),
    **dict.fromkeys(("OBLIQUE", "OBL", "LLO", "RLO", "LAO", "RAO", "LPO", "RPO"), "OBL"),
    **dict.fromkeys(("AXIAL", "AX", "SKYLINE", "SUNRISE", "TANGENTIAL"), "AXIAL"),
}
KNOWN = ", ".join(f"('{word}', '{view}')" for word, view in VIEWS.items())

FILL = f"""
    WITH views (word, view) AS (VALUES {KNOWN}),
    chunk AS (
        SELECT image.id, image.case_id, image.view_position FROM triage_image AS image
        WHERE image.id > %(after)s ORDER BY image.id LIMIT %(size)s
    ),
    cases AS (
        SELECT image.case_id, count(*) = 1 AS alone, bool_or(image.kind = 'dicom') AS has_header
        FROM triage_image AS image WHERE image.case_id IN (SELECT case_id FROM chunk)
        GROUP BY image.case_id
    ),
    told AS (
        SELECT chunk.id,
            CASE WHEN cases.alone OR 'side' <> ALL (c.from_header)
                      AND (NOT cases.has_header OR c.from_header <> '{{}}')
                 THEN c.side ELSE '' END AS side,
            CASE WHEN c.projection NOT IN ('', 'SEVERAL', 'OTHER')
                      AND (cases.alone OR 'projection' <> ALL (c.from_header)) THEN c.projection
                 WHEN views.view IS NOT NULL THEN views.view
                 WHEN c.projection = 'OTHER' AND 'projection' <> ALL (c.from_header) THEN 'OTHER'
                 ELSE '' END AS projection
        FROM chunk JOIN cases USING (case_id) JOIN triage_case AS c ON c.id = chunk.case_id
        LEFT JOIN views ON views.word =
            trim(regexp_replace(chunk.view_position, '[^A-Z]+', ' ', 'g'))
    )
    UPDATE triage_image AS image SET side = told.side, projection = told.projection
    FROM told WHERE told.id = image.id AND (told.side <> '' OR told.projection <> '')
        AND (image.side, image.projection) = ('', '');
"""  # noqa: S608 - the words above, no one else's

LAST = """
    SELECT id FROM triage_image WHERE id > %(after)s ORDER BY id OFFSET %(skip)s LIMIT 1
"""


def fill(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    connection = schema_editor.connection
    after = "00000000-0000-0000-0000-000000000000"
    while True:
        with transaction.atomic(connection.alias), connection.cursor() as cursor:
            cursor.execute(FILL, {"after": after, "size": CHUNK})
            cursor.execute(LAST, {"after": after, "skip": CHUNK - 1})
            row = cursor.fetchone()
        if row is None:
            return
        (after,) = row


VALIDATED = "ALTER TABLE triage_image VALIDATE CONSTRAINT image_is_of_its_series_case;"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("triage", "0025_study_and_series")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        ValidateConstraint("image", "image_has_one_projection"),
        ValidateConstraint("image", "image_spacing_is_a_length"),
        ValidateConstraint("image", "image_windows_are_pairs"),
        migrations.RunSQL(VALIDATED, migrations.RunSQL.noop),
    ]
