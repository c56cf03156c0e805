"""manage.py load_demo"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from indicators.importing import figure_lists
from indicators.models import Area, Department, Indicator
from indicators.rest import serializers as indicator_serializers
from indicators.services.catalogue import areas, departments, indicators
from kpitracker.lib import clock
from kpitracker.lib.actor import system_actor
from kpitracker.lib.errors import DomainError
from kpitracker.lib.rest.serializers import StrictSerializer
from kpitracker.lib.rest.strict_json import parse_json
from targets.api.v1.schemas import serializers
from targets.demo import living_plan
from targets.models import Plan, Target
from targets.services.planning import plans, targets

DEMO_FILE = Path(__file__).resolve().parents[2] / "demo" / "hcmc-2024.json"


class Command(BaseCommand):
    help = (
        "Load the plan of Ho Chi Minh City for 2024 with its figures, as they became known, and its copy to this year with "
        "invented figures until today (the living plan), through the same services as the API. One figure of the living "
        "plan opens an alert. Rows that already exist stay as they are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--file", type=Path, default=DEMO_FILE, help="another file of the same form, without living plan"
        )
        parser.add_argument("--history-only", action="store_true", help="nothing invented: no living plan")

    @transaction.atomic
    def handle(self, *args: object, **options: Any) -> None:
        content = parse_json(options["file"].read_bytes())
        self.by, self.now = system_actor("manage.py load_demo"), clock.now()
        self._create_missing(content["areas"], indicator_serializers.AreaSerializer, Area, areas.create_area)
        self._create_missing(
            content["departments"],
            indicator_serializers.DepartmentSerializer,
            Department,
            departments.create_department,
        )
        self._create_missing(
            self._sort_inputs_first(content["indicators"]),
            indicator_serializers.IndicatorSerializer,
            Indicator,
            indicators.create_indicator,
        )
        self._create_missing(content["plans"], serializers.PlanSerializer, Plan, plans.create_plan)
        for row in content["targets"]:
            self._load_target(row)
        figures = [*content["figures"], *content["undated"]]
        written_count = self._import_figures(figures, options["file"].name)
        self.stdout.write(f"{len(content['targets'])} targets, {len(figures)} figures ({written_count} written).")
        if options["file"] == DEMO_FILE and not options["history_only"]:
            self._load_living_plans()

    @staticmethod
    def _sort_inputs_first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return sorted(rows, key=lambda row: bool(row.get("formula")))

    def _parse_row(self, serializer: type[StrictSerializer], row: dict[str, Any]) -> dict[str, Any]:
        try:
            parser = serializer(data=row)
            parser.is_valid(raise_exception=True)
        except DomainError as error:
            problems = "; ".join(f"{item.pointer} {item.slug}: {item.detail}" for item in error.items)
            raise CommandError(f"{json.dumps(row, ensure_ascii=False)}: {problems}") from error
        return dict(parser.validated_data)

    def _create_missing(
        self,
        rows: Iterable[dict[str, Any]],
        serializer: type[StrictSerializer],
        model: Any,
        create: Callable[..., Any],
    ) -> None:
        existing = set(model.objects.values_list("code", flat=True))
        for row in rows:
            if row["code"] not in existing:
                create(by=self.by, **self._parse_row(serializer, row))

    def _load_target(self, row: dict[str, Any]) -> None:
        amendments = row.pop("amendments", [])
        parsed = self._parse_row(serializers.TargetSerializer, row)
        plan = Plan.objects.get(code=parsed["plan"])
        identifier = targets.build_identifier(
            plan, Indicator.objects.get(code=parsed["indicator"]), parsed["area"], parsed["period"] or plan.period
        )
        if Target.objects.filter(identifier=identifier).exists():
            return
        target = targets.create_target(by=self.by, now=self.now, **parsed).target
        for amendment in amendments:
            targets.amend_target(
                target=target, by=self.by, now=self.now, **self._parse_row(serializers.AmendmentSerializer, amendment)
            )

    def _load_living_plans(self) -> None:
        report = living_plan.load_living_plans(by=self.by, now=self.now)
        codes = ", ".join(report.plans) or "no new plan"
        self.stdout.write(f"Living plan, invented for demonstration: {codes}, {report.figures} figures written.")

    def _import_figures(self, figures: list[dict[str, Any]], name: str) -> int:
        try:
            return figure_lists.import_figures(figures, by=self.by, now=self.now, name=name, quiet=True)
        except DomainError as error:
            raise CommandError("; ".join(item.detail for item in error.items) or error.detail) from error
