"""manage.py load_holidays"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from indicators.services.catalogue import holidays
from kpitracker.lib import clock
from kpitracker.lib.actor import system_actor
from kpitracker.lib.errors import DomainError


class Command(BaseCommand):
    help = "Enter the public holidays of a year that do not exist yet. Enter the days that a decree swaps yourself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument(
            "--country",
            default=holidays.DEFAULT_COUNTRY,
            metavar="CODE",
            help=f"two letters; {holidays.DEFAULT_COUNTRY} by default",
        )

    def handle(self, *args: object, **options: Any) -> None:
        year, country = options["year"], options["country"].upper()
        try:
            result = holidays.load_holidays(
                year=year, country=country, by=system_actor("manage.py load_holidays"), now=clock.now()
            )
        except DomainError as error:
            with override("en"):
                raise CommandError(str(error.detail)) from error
        self.stdout.write(f"{result.created} days entered, {result.existing} left as they were")
        self.stdout.write(f"Compare them with the decree of {year}: swapped days are known only once it is published.")
