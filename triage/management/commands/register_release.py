"""Registers a model release, and makes it the active one if asked."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from classifier.release import ReleaseError
from triage.inference.releases import activate_release, register_release


class Command(BaseCommand):
    help = "Verifies a release folder, copies it to the model store and registers it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the release: a folder with manifest.json")
        parser.add_argument(
            "--activate", action="store_true", help="read new cases by this release from now on"
        )

    def handle(self, *args: Any, folder: Path, activate: bool, **options: Any) -> None:
        try:
            release = register_release(folder)
        except ReleaseError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Registered {release} (sha256 {release.sha256[:12]}…).")
        if activate:
            activate_release(release)
            self.stdout.write(f"{release} is active.")
