"""Walks every chain of the audit trail and says whether anybody has rewritten it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.audit_chain import BrokenChain, stored_rows, verify


class Command(BaseCommand):
    help = "Verifies the hash chains of the audit trail; exits with 1 at the first broken row."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with stored_rows() as rows:
                verified = verify(rows)
        except BrokenChain as broken:
            raise CommandError(str(broken)) from None
        self.stdout.write(f"{verified.count} audit entries, every chain whole.")
        for part in verified.old:
            self.stdout.write(
                f"In {part.chain} the old format ends with entry {part.last} of {part.until} UTC: it has no "
                "client address, its time is the web server's, and what was added to a field may look "
                "like another field."
            )
