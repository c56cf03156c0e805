"""manage.py year_table"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from kpitracker.lib import clock
from targets.models import Plan
from targets.services.reports.year_report import render_year_table


class Command(BaseCommand):
    help = "Print the status of a plan's targets at the end of each month of a year, with reasons, in Markdown."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("plan", help="code of a plan")
        parser.add_argument("year", type=int)
        parser.add_argument("--language", choices=["vi", "en"], default="vi")

    def handle(self, *args: object, **options: Any) -> None:
        plan = Plan.objects.filter(code=options["plan"]).first()
        if plan is None or not 1900 <= options["year"] < 2200:
            raise CommandError(f"There is no plan {options['plan']}, or no year {options['year']}.")
        with override(options["language"]):
            self.stdout.write(render_year_table(plan, options["year"], clock.today()))
