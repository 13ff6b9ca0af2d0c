"""Old rows of the audit trail stay verifiable beside new ones, and no two rows have one hash."""

import pytest
from django.core.management import CommandError

from accounts.acts import Act
from accounts.models import AuditEntry
from accounts.services.events import emit
from tests.accounts.test_audit import four, rewrite, verify

__all__ = ["four"]  # a fixture


def as_version_1(entries):
    """Gives the rows the hashes that version 1 gave them, as a site has them from before the upgrade."""
    previous = ""
    for entry in entries:
        rewrite(
            "UPDATE accounts_auditentry SET version = 1, address = NULL, previous_hash = %s,"
            " hash = encode(sha256(convert_to(concat_ws('|', %s::text,"
            " to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), site_id::text,"
            " coalesce(actor_id::text, ''), verb, subject_type, subject_id, detail::text, request_id),"
            " 'UTF8')), 'hex') WHERE id = %s",
            *(previous, previous, entry.pk),
        )
        entry.refresh_from_db()
        previous = entry.hash
    return previous


def test_both_formats_verify_and_the_end_of_the_old_one_is_reported(four):
    last = as_version_1(four)
    site = four[0].site
    emit(Act.SIGNED_IN, site, actor=None, site=site)
    newest = AuditEntry.objects.get(site=site, number=5)
    assert (newest.version, newest.previous_hash) == (2, last)
    emit(Act.SIGNED_IN, site, actor=None)  # another chain, all of the new format
    said = verify()
    assert "6 audit entries, every chain whole." in said
    assert (
        f"In site {site.pk} the old format ends with entry 4 of {four[-1].at:%Y-%m-%dT%H:%M}"
        in said
    )
    assert "the installation" not in said


def test_an_old_row_that_was_edited_or_moved_behind_a_new_one_is_found(four):
    as_version_1(four[:2])
    with pytest.raises(CommandError, match="does not follow"):
        verify()  # the third row follows a hash that is gone
    as_version_1(four)
    rewrite("UPDATE accounts_auditentry SET verb = 'x' WHERE id = %s", four[1].pk)
    with pytest.raises(CommandError, match="content was changed"):
        verify()


def test_no_two_rows_have_one_text_to_hash(four):
    """The same letters over other fields: version 1 joined them by "|", and so gave both one hash."""
    common = {"actor": None, "site": four[0].site}
    entries = []
    for subject_type, subject_id in (("a|b", "c"), ("a", "b|c"), ("", "a|b|c")):
        entries.append(
            AuditEntry.objects.create(
                verb="person.signed_in", subject_type=subject_type, subject_id=subject_id, **common
            )
        )
    rewrite(
        "UPDATE accounts_auditentry SET subject_type = 'a', subject_id = 'b|c' WHERE id = %s",
        entries[0].pk,
    )
    with pytest.raises(CommandError, match="content was changed"):
        verify()
