"""Registers a model release for a worker to check, and activates it after that if asked."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from classifier.release_errors import ReleaseError
from triage.inference.checks import check_and_activate
from triage.inference.releases import register_release
from triage.models import Release
from triage.reasons import RELEASE_PROBLEMS
from triage.states import Activation, ReleaseState


class Command(BaseCommand):
    help = "Verifies a release folder, copies it to the model store and registers it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the release: a folder with manifest.json")
        wishes = parser.add_mutually_exclusive_group()
        wishes.add_argument(
            "--activate",
            action="store_const",
            dest="wish",
            const=Activation.ALWAYS,
            default=Activation.BY_HAND,
            help="read cases by this release as soon as a worker has checked it",
        )
        wishes.add_argument(
            "--activate-if-none",
            action="store_const",
            dest="wish",
            const=Activation.IF_NONE,
            help="the same, but only if no release is active then: what each start of a site does",
        )

    def handle(self, *args: Any, folder: Path, wish: Activation, **options: Any) -> None:
        try:
            release = register_release(folder)
        except ReleaseError as error:
            raise CommandError(RELEASE_PROBLEMS.text(error.code, error.params)) from None
        active = check_and_activate(release, wish)
        release.refresh_from_db()
        self.stdout.write(
            f"Registered {release} (sha256 {release.sha256[:12]}…): {_what_next(release, active)}"
        )


def _what_next(release: Release, active: bool) -> str:
    if active:
        return "it is active."
    if release.state == ReleaseState.USABLE and not release.is_suspended:
        return "it is usable. An administrator can activate it."
    if release.activation == Activation.ALWAYS:
        return "a worker checks it, and it becomes active if it is usable."
    if release.activation == Activation.IF_NONE:
        return "a worker checks it, and it becomes active if it is usable and no other is active."
    return "a worker checks it; then an administrator can activate it."
