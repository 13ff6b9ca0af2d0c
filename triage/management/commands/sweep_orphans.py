"""Removes stored files that no row names, of all days."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from triage.http.sizes import size_of
from triage.intake.orphans import sweep_orphans


class Command(BaseCommand):
    help = (
        "Removes stored files that no row names and that are older than a day: what a killed process left. "
        "A task does it daily for the newest files; this looks at all of them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        found = sweep_orphans(dry_run=dry_run)
        verb = "would be removed" if dry_run else "removed"
        self.stdout.write(f"{found.files} files that no row names {verb}: {size_of(found.bytes)}.")
