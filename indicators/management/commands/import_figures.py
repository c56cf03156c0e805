"""manage.py import_figures FILE"""

from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from indicators.importing import jobs
from indicators.importing.cell_values import LOCALES
from indicators.importing.readers import FORMATS
from indicators.models import Department, Import, ImportProblem
from indicators.models.import_ import MAX_SHEET_NAME
from indicators.services.batches import imports
from kpitracker.lib import clock
from kpitracker.lib.actor import ALL_SCOPES, Actor

_MAX_SHOWN = 50
_FORMATS_BY_SUFFIX = {f".{form}": form for form in FORMATS.values()}


class Command(BaseCommand):
    help = (
        "Import figures from a CSV, XLSX, JSON or NDJSON file by the same rules as the API. An interrupted import is "
        "continued by the worker of the service, or with --resume ID."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="the file to import; its suffix says the format")
        parser.add_argument(
            "--format", choices=sorted(FORMATS.values()), help="format, when the suffix does not tell it"
        )
        parser.add_argument("--department", help="code of the department to post for, by its reporting duties")
        parser.add_argument(
            "--locale", choices=LOCALES, default="", help="how texts write numbers and days; vi: 1.234,5 and 31/12/2024"
        )
        parser.add_argument("--sheet", default="", help="name of the sheet of an XLSX file, where several hold figures")
        parser.add_argument("--partial", action="store_true", help="store the valid rows, instead of all or none")
        parser.add_argument("--dry-run", action="store_true", help="report what would happen and store nothing")
        parser.add_argument("--quiet", action="store_true", help="notify no one: for loads of history")
        parser.add_argument("--resume", metavar="ID", help="continue an interrupted import")

    def handle(self, *args: object, **options: Any) -> None:
        console = Console(file=cast(IO[str], self.stdout))
        batch = self._find_open_import(options["resume"]) if options["resume"] else self._accept_file(options)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console) as progress:
            task = progress.add_task("reading", total=None)

            def show_progress(current_import: Import) -> None:
                description = str(current_import.get_state_display())
                progress.update(
                    task, description=description, completed=current_import.rows_done, total=current_import.rows
                )

            jobs.run_import(batch.pk, now=clock.now, on_progress=show_progress)
        batch.refresh_from_db()
        self._print_report(console, batch)

    def _accept_file(self, options: dict[str, Any]) -> Import:
        path: Path | None = options["file"]
        if path is None:
            raise CommandError("Name a file.")
        file_format = options["format"] or _FORMATS_BY_SUFFIX.get(path.suffix.lower())
        if file_format is None:
            raise CommandError(
                f"{path.suffix or 'No suffix'}: one of {', '.join(sorted(_FORMATS_BY_SUFFIX))}, or --format."
            )
        try:
            with path.open("rb") as file:
                upload = jobs.receive_upload(file.read)
        except OSError as error:
            raise CommandError(str(error)) from error
        return imports.queue_import(
            pk=upload.pk,
            file_format=file_format,
            by=_build_actor(options["department"]),
            now=clock.now(),
            size=upload.size,
            atomic=not options["partial"],
            dry_run=options["dry_run"],
            locale=options["locale"],
            sheet=options["sheet"][:MAX_SHEET_NAME],
            quiet=options["quiet"],
            file_name=path.name[:200],
        )

    @staticmethod
    def _find_open_import(import_id: str) -> Import:
        batch: Import | None = Import.objects.open().filter(pk=import_id).first()
        if batch is None:
            raise CommandError(f"There is no open import {import_id}.")
        return batch

    def _print_report(self, console: Console, batch: Import) -> None:
        problems = ImportProblem.objects.filter(batch=batch).order_by("row")
        if problems.exists():
            table = Table("row", "indicator", "period", "where", "what")
            for problem in problems[:_MAX_SHOWN]:
                table.add_row(str(problem.row), problem.indicator, problem.period, problem.pointer, problem.detail_en)
            console.print(table)
        if batch.rejected > _MAX_SHOWN:
            console.print(f"… and {batch.rejected - _MAX_SHOWN} more: imports/{batch.pk}/errors/")
        if batch.is_open:
            raise CommandError(f"Another process is working on this import: {batch.pk}")
        if batch.problem:
            raise CommandError(f"{batch.problem['slug']}: {batch.problem['en']}")
        prefix = "Dry run: " if batch.dry_run else ""
        console.print(
            f"{prefix}{batch.rows} rows: {batch.created} created, {batch.revised} revised, {batch.unchanged} unchanged, "
            f"{batch.rejected} rejected, {batch.warnings} warnings. "
            f"{batch.stored} {'would be stored' if batch.dry_run else 'stored'}. Import {batch.pk}"
        )
        if batch.state == "rejected":
            raise CommandError("Nothing was stored: all rows must be valid, or use --partial.")


def _build_actor(department: str | None) -> Actor:
    name = "manage.py import_figures"
    if department is None:
        return Actor(name, None, ALL_SCOPES)
    try:
        return Actor(name, Department.objects.get(code=department).pk, ALL_SCOPES)
    except Department.DoesNotExist as error:
        raise CommandError(f"There is no department {department}.") from error
