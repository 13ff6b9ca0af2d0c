"""Writes signed opinions as a data set to train on."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Site
from accounts.refusals import Refused
from triage.report.training_set import export_training_set


class Command(BaseCommand):
    help = (
        "Writes signed opinions as a labelled data set without names, ids or headers, "
        "for python -m training fit --extra FOLDER."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where to write; must not exist yet")
        parser.add_argument("--site", metavar="SLUG", help="one site's opinions only")
        parser.add_argument(
            "--since", type=_day, metavar="DATE", help="signed on this day or later (2026-11-23)"
        )

    def handle(
        self,
        *args: Any,
        folder: Path,
        site: str | None,
        since: date | None,
        **options: Any,
    ) -> None:
        where = None
        if site and (where := Site.objects.filter(slug=site).first()) is None:
            raise CommandError(f"There is no site {site}.")
        try:
            done = export_training_set(folder=folder, site=where, since=since)
        except Refused as refused:
            raise CommandError(refused.message) from None
        self.stdout.write(f"{done.pictures} pictures of {done.reviews} opinions in {folder}:")
        for name, count in sorted(done.by_class.items()):
            self.stdout.write(f"  {count:5} {name}")
        if done.not_assessable:
            self.stdout.write(f"Left out as not assessable: {done.not_assessable} opinions.")
        self.stdout.write("Look for names burned into the pictures before they leave the clinic.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text} is not a date. Write it like 2026-11-23.") from None
