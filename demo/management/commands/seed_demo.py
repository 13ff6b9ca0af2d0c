"""Makes demonstration people, a site and synthetic cases in every state."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from demo.cases import make_cases
from demo.logins import LOGINS, PASSWORD
from demo.people import make_people


class Command(BaseCommand):
    help = "Makes a demonstration site with people and synthetic cases, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--print-logins", action="store_true", help="only print the demonstration log-ins"
        )
        parser.add_argument("--no-cases", action="store_true", help="people only, no cases")

    def handle(self, *args: Any, print_logins: bool, no_cases: bool, **options: Any) -> None:
        if not print_logins:
            site = make_people()
            made = 0
            if not no_cases:
                for number, total in make_cases(site):
                    made = number
                    self.stdout.write(f"case {number} of {total}")
            self.stdout.write(f"{site}: {made} new cases.")
        for email, role in LOGINS:
            self.stdout.write(f"{role:<10} {email}  {PASSWORD}")
