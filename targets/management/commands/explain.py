"""manage.py explain"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from kpitracker.lib import clock
from kpitracker.lib.actor import system_actor
from kpitracker.lib.errors import DomainError
from kpitracker.lib.rest import query_parameters
from targets.models import Target
from targets.services.evaluation import evaluate
from targets.services.evaluation.contributions import ContributionQuery, find_contributions
from targets.services.text import explanation_report
from targets.services.text.contribution_table import contribution_report


class Command(BaseCommand):
    help = (
        "Print a report of an assessment: the target, the figures, the arithmetic, the outlook, and what contributed."
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: object) -> CommandParser:
        # Replaces Django's own --version, which prints the release of Django.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", help="<plan>:<indicator>:<area>, with :<period> where it is not the plan's")
        parser.add_argument("--as-of", help="a day YYYY-MM-DD (today)")
        parser.add_argument("--version", dest="number", help="of the target: a number, or original (the one in force)")
        parser.add_argument("--recorded-by", help="only what had been recorded by this time, with offset")
        parser.add_argument("--language", choices=["vi", "en"], default="vi")

    def handle(self, *args: object, **options: Any) -> None:
        with override(options["language"]):
            try:
                self.stdout.write(self._build_report(options))
            except (DomainError, ValueError) as error:
                raise CommandError(str(error.detail if isinstance(error, DomainError) else error)) from error

    @staticmethod
    def _build_report(options: dict[str, Any]) -> str:
        target = Target.objects.for_list().filter(identifier=options["target"]).first()
        if target is None:
            raise CommandError(f"There is no target {options['target']}.")
        today, recorded_by = clock.today(), options["recorded_by"]
        query = ContributionQuery(
            by=system_actor("explain"),
            as_of=query_parameters.parse_day(options["as_of"]) if options["as_of"] else today,
            today=today,
            recorded_by=query_parameters.parse_datetime_value(recorded_by, "recorded_by") if recorded_by else None,
        )
        evaluation = evaluate.evaluate_target(
            target=target,
            as_of=query.as_of,
            today=today,
            version=options["number"],
            recorded_by=query.recorded_by,
        )
        contributions = find_contributions(evaluation, query)
        return "\n".join(
            section
            for section in (explanation_report.build_report(evaluation), contribution_report(contributions))
            if section
        )
