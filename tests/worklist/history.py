"""Sites with years of closed cases, made by SQL in seconds."""

from types import SimpleNamespace
from uuid import UUID

from django.db import connection, connections

from accounts.roles import Role
from tests.factories import make_case, make_member, make_membership, make_site
from triage.models import Case

# Closed and open cases. The quiet site is what statistics of all sites say nothing of.
SIZES = {"large": (70_000, 2_500), "middle": (24_000, 400), "small": (5_950, 20), "quiet": (50, 5)}

# Every value that a reader filters by is rare somewhere: one in thousands, and the last ones long ago.
# A type is disclosed only of suspected fractures.
CASES = """
    INSERT INTO triage_case (
        id, site_id, sender_id, source, is_synthetic, received_at, due_at, priority_due_at, state, closed_at,
        accession_number, patient_reference, age_band, sex, body_part, side, projection,
        from_header, unread_code, unread_images, not_assessable_images,
        clinical_question, priority, call, predicted_class, confidence,
        deciding_prediction_id, withdrawn_by_id, withdrawn_reason
    )
    SELECT uuidv7(-(n * interval '30 minutes')), %(site)s, %(sender)s, 'api', false,
        now() - n * interval '30 minutes', now() - (n - 48) * interval '30 minutes',
        now() - (n - 50) * interval '30 minutes', state,
        CASE WHEN state IN ('reviewed', 'withdrawn')
            THEN now() - (n - n %% 40) * interval '30 minutes'
                + CASE WHEN n %% 499 = 7 THEN interval '40 days' ELSE interval '0' END END,
        'ACC-' || %(slug)s || '-' || n, 'PAT-' || n / 3, '', '', 'WRIST', '', '', '{}', '', 0, 0, '',
        CASE WHEN n %% 4999 = 17 THEN 0 ELSE 1 + n %% 2 END,
        CASE WHEN n %% 5003 = 18 THEN 3 WHEN n %% 5009 = 20 THEN 1 WHEN suspected THEN 0 ELSE 2 END,
        CASE WHEN NOT suspected THEN '' WHEN n %% 4987 = 19 THEN 'pathological'
            WHEN n %% 2 = 0 THEN 'spiral' ELSE 'oblique' END,
        CASE WHEN NOT suspected THEN 0 WHEN n %% 4993 = 16 THEN 0.995 ELSE (n %% 97) / 100.0 END,
        %(prediction)s,
        CASE WHEN state = 'withdrawn' THEN %(sender)s::uuid END,
        CASE WHEN state = 'withdrawn' THEN 'Sent twice' ELSE '' END
    FROM (
        SELECT n, n %% 5003 <> 18 AND (n %% 3 > 0 OR n %% 5009 = 20 OR n %% 4987 = 19 OR n %% 4993 = 16)
            AS suspected, CASE
            WHEN %(opened)s THEN CASE WHEN n %% 1999 = 11 THEN 'failed' ELSE 'predicted' END
            WHEN n %% 4973 = 15 THEN 'withdrawn' ELSE 'reviewed' END AS state
        FROM generate_series(1, %(number)s) AS n
    ) AS numbered
"""
# A few that go on, and one that was signed for each closed case.
READINGS = """
    INSERT INTO triage_reading
        (id, case_id, site_id, reader_id, opened_at, claimed_until, signed_at, ended_at, ended)
    SELECT gen_random_uuid(), id, site_id, %(reader)s, received_at,
        CASE WHEN closed_at IS NULL THEN now() + interval '1 hour' ELSE closed_at END,
        CASE WHEN state = 'reviewed' THEN closed_at END, closed_at,
        CASE state WHEN 'reviewed' THEN 'signed' WHEN 'withdrawn' THEN 'withdrawn' ELSE '' END
    FROM triage_case
    WHERE site_id = %(site)s AND (closed_at IS NOT NULL OR abs(hashtext(id::text)) %% 1000 < 3)
"""
IMAGES = """
    INSERT INTO triage_image (
        id, case_id, site_id, position, file_name, kind, byte_size, sha256, width, height, bits,
        modality, body_part_examined, view_position, original, rendition, display, thumbnail, created_at
    )
    SELECT gen_random_uuid(), id, site_id, 1, 'film-' || accession_number || '.dcm', 'dicom', 1,
        repeat('0', 64), 1, 1, 8, '', '', '', 'x', 'x', 'x', 'x', now()
    FROM triage_case WHERE site_id = %(site)s AND id <> %(example)s
"""
# The reader signed all of it. Of a third of the cases somebody said beforehand what they thought.
REVIEWS = """
    INSERT INTO triage_review (id, case_id, reader_id, stage, fracture, classes, comment, signed_at)
    SELECT uuidv7(closed_at - now()), id, %(reader)s, 'second_opinion', 'none', '{}', '', closed_at
    FROM triage_case WHERE site_id = %(site)s AND state = 'reviewed'
"""
OPINIONS = """
    INSERT INTO triage_interimopinion
        (id, case_id, author_id, interim_fracture, treated_as, note, recorded_at)
    SELECT uuidv7(received_at - now()), id,
        CASE WHEN abs(hashtext(id::text)) %% 300 = 0 THEN %(reader)s::uuid ELSE %(sender)s::uuid END,
        'fracture', 'fracture', '', received_at
    FROM triage_case WHERE site_id = %(site)s AND abs(hashtext(id::text)) %% 3 = 0
"""
SKIPS = """
    INSERT INTO triage_skip (id, case_id, reader_id, reason, skipped_at)
    SELECT gen_random_uuid(), id, %(reader)s, '', coalesce(closed_at, now() - interval '1 hour')
    FROM triage_case WHERE site_id = %(site)s AND abs(hashtext(id::text)) %% 10 = 1
"""
# Closed but for those of the last two days.
CALL_BACKS = """
    INSERT INTO triage_callback (
        id, case_id, site_id, review_id, interim_id, reason, owner_id, owner_role, opened_at, act_by,
        closed_at, closed_by_id, outcome, words
    )
    SELECT uuidv7(signed_at - now()), of_case.id, site_id, review.id, interim.id, 'treated_without',
        %(sender)s, '', signed_at, signed_at + interval '4 hours', done,
        CASE WHEN done IS NOT NULL THEN %(sender)s::uuid END,
        CASE WHEN done IS NULL THEN '' ELSE 'informed' END, ''
    FROM triage_case AS of_case
    JOIN triage_review AS review ON review.case_id = of_case.id
    JOIN triage_interimopinion AS interim ON interim.case_id = of_case.id,
    LATERAL (SELECT CASE WHEN signed_at < now() - interval '2 days' THEN signed_at END AS done) AS ended
    WHERE site_id = %(site)s AND abs(hashtext(of_case.id::text)) %% 4 = 0
"""


def make_history() -> SimpleNamespace:
    """The sites of ``SIZES`` by name and an ordinary reader of all of them."""
    sites = {name: make_site(slug=name) for name in SIZES}
    reader = make_member(sites["large"], Role.REVIEWER)
    for name in list(SIZES)[1:]:
        make_membership(reader, sites[name], Role.REVIEWER)
    sender = make_member(sites["large"], Role.CLINICIAN)
    example = make_case(sites["large"], sender)
    for name, site in sites.items():
        for number, opened in zip(SIZES[name], (False, True), strict=True):
            _insert(CASES, site, name, sender.pk, reader.pk, example, number, opened)
    with connections["owner"].cursor() as cursor:
        # The checks of foreign keys keep a plan from when the table was nearly empty, which reads it whole
        # for each row that refers to it. Autovacuum ends that on a running site; here nothing else does.
        cursor.execute("ANALYZE triage_case")
    for name, site in sites.items():
        _insert(READINGS, site, name, sender.pk, reader.pk, example, 0, False)
        for beside in (IMAGES, REVIEWS, OPINIONS, SKIPS, CALL_BACKS):
            _insert(beside, site, name, sender.pk, reader.pk, example, 0, False)
    with connections["owner"].cursor() as cursor:
        # As autovacuum leaves them: with statistics, and with pages known to be visible to all.
        cursor.execute("VACUUM ANALYZE triage_case, triage_image, triage_reading")
        cursor.execute("ANALYZE")
    return SimpleNamespace(reader=reader, sender=sender, sites=sites)


def _insert(
    sql: str,
    site: object,
    slug: str,
    sender: UUID,
    reader: UUID,
    example: Case,
    number: int,
    opened: bool,
) -> None:
    given = {
        "site": site.pk,
        "slug": slug,
        "sender": sender,
        "reader": reader,
        "prediction": example.deciding_prediction_id,
        "example": example.pk,
        "number": number,
        "opened": opened,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
