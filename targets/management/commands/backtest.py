"""manage.py backtest"""

import io
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from indicators.rest.file_context import FILE_CONTEXT
from kpitracker.lib import clock
from kpitracker.lib.errors import DomainError
from kpitracker.lib.rest import query_parameters
from kpitracker.lib.spreadsheets import writing
from kpitracker.lib.spreadsheets.flatten import row_cells
from targets.api.v1.views.backtests import BACKTEST_EXPORT, parse_years
from targets.models import Plan, Target
from targets.services.reports.backtest import BacktestQuery, run_backtest
from targets.services.reports.backtest_payloads import backtest_rows
from targets.services.reports.backtest_table import render_backtest


class Command(BaseCommand):
    help = (
        "Print what was said of a plan's targets at the end of each quarter, by what had been published by then, and what "
        "came: outlook, range, error, and what plain methods would have said. Stores nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--plan", required=True, help="code of a plan")
        parser.add_argument("--from", dest="first", metavar="YEAR", help="left out, with --to: the plan's first year")
        parser.add_argument("--to", dest="last", metavar="YEAR", help="left out, with --from: the plan's last year")
        parser.add_argument("--as-of", help="results as they were known on this day YYYY-MM-DD (today)")
        parser.add_argument("--format", choices=["markdown", "csv"], default="markdown")
        parser.add_argument("--language", choices=["vi", "en"], default="vi")

    def handle(self, *args: object, **options: Any) -> None:
        with override(options["language"]):
            try:
                self._print_backtest(options)
            except DomainError as error:
                raise CommandError(str(error.detail)) from error

    def _print_backtest(self, options: dict[str, Any]) -> None:
        plan = Plan.objects.filter(code=options["plan"]).first()
        if plan is None:
            raise CommandError(f"There is no plan {options['plan']}.")
        today = clock.today()
        as_of = query_parameters.parse_day_value(options["as_of"], "as_of") if options["as_of"] else today
        if as_of > today:
            raise CommandError(f"{as_of} is after today.")
        query = BacktestQuery(as_of=as_of, today=today, years=parse_years(plan, options["first"], options["last"]))
        targets = Target.objects.filter(plan=plan).order_by("section", "identifier").for_assessment()
        points = run_backtest(targets, query)
        if options["format"] == "markdown":
            self.stdout.write(render_backtest(points))
            return
        file, columns = io.BytesIO(), BACKTEST_EXPORT.columns()
        rows = FILE_CONTEXT.add_values(backtest_rows(points))
        writing.write_csv(file, columns, (row_cells(row, columns) for row in rows))
        self.stdout.write(file.getvalue().decode(), ending="")
