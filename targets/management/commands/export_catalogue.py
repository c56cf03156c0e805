"""manage.py export_catalogue"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kpitracker.lib import clock
from kpitracker.lib.actor import system_actor
from kpitracker.lib.errors import DomainError
from targets.catalogue import export


class Command(BaseCommand):
    help = "Write areas, departments, indicators, duties, plans and targets to an XLSX file for import_catalogue."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a new file")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            with options["file"].open("xb") as file:
                counts = export.write_catalogue(file, by=system_actor("manage.py export_catalogue"), now=clock.now())
        except (DomainError, OSError) as error:
            raise CommandError(str(error.detail if isinstance(error, DomainError) else error)) from error
        self.stdout.write(", ".join(f"{count} {sheet}" for sheet, count in counts.items()))
