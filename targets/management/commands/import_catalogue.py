"""manage.py import_catalogue"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kpitracker.lib import clock
from kpitracker.lib.actor import system_actor
from kpitracker.lib.errors import DomainError
from kpitracker.lib.spreadsheets.reading import Workbook
from targets.catalogue import import_


class Command(BaseCommand):
    help = (
        "Import areas, departments, indicators, duties, plans and targets from an XLSX file, a sheet each, all or "
        "nothing. Rows that already exist with the same content stay as they are; nothing is removed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and write nothing")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            with options["file"].open("rb") as file:
                report = import_.import_workbook(
                    workbook=Workbook(file),
                    by=system_actor("manage.py import_catalogue"),
                    now=clock.now(),
                    dry_run=options["dry_run"],
                )
        except (DomainError, OSError) as error:
            raise CommandError(str(error.detail if isinstance(error, DomainError) else error)) from error
        for sheet, counts in report.counts.items():
            self.stdout.write(f"{sheet}: " + ", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
        if report.faults:
            more = [f"… and {report.unnamed_faults} more"] if report.unnamed_faults else []
            raise CommandError("\n".join([*map(str, report.faults), *more, "Nothing was written."]))
        if report.dry_run:
            self.stdout.write("A dry run: nothing was written.")
