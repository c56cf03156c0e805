"""manage.py load_demo"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from indicators.api.v1 import serializers as shelf
from indicators.models import Area, Department, Indicator
from indicators.services import areas, departments, indicators, measurements
from indicators.services.measurements import Posted
from kpitracker.lib import clock
from kpitracker.lib.actor import operator
from kpitracker.lib.errors import DomainError
from kpitracker.lib.serializers import StrictSerializer
from kpitracker.lib.strict_json import loads
from targets.api.v1 import serializers
from targets.models import Plan, Target
from targets.services import plans, targets

DEMO = Path(__file__).resolve().parents[2] / "demo" / "hcmc-2024.json"


class Command(BaseCommand):
    help = (
        "Load the plan of Ho Chi Minh City for 2024 with its figures, as they became known, through the same services "
        "as the API. No alert opens. Rows that already exist stay as they are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, default=DEMO, help="another file of the same form")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        content = loads(options["file"].read_bytes())
        self.by, self.now = operator("manage.py load_demo"), clock.now()
        self._named(content["areas"], shelf.AreaSerializer, Area, areas.create)
        self._named(content["departments"], shelf.DepartmentSerializer, Department, departments.create)
        self._named(self._inputs_first(content["indicators"]), shelf.IndicatorSerializer, Indicator, indicators.create)
        self._named(content["plans"], serializers.PlanSerializer, Plan, plans.create)
        for row in content["targets"]:
            self._target(row)
        figures = [*content["figures"], *content["undated"]]
        outcomes = [self._figure(row) for row in figures]
        written = sum(outcome != "unchanged" for outcome in outcomes)
        self.stdout.write(f"{len(content['targets'])} targets, {len(figures)} figures ({written} written).")

    @staticmethod
    def _inputs_first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return sorted(rows, key=lambda row: bool(row.get("formula")))

    def _parsed(self, serializer: type[StrictSerializer], row: dict[str, Any]) -> dict[str, Any]:
        try:
            parsed = serializer(data=row)
            parsed.is_valid(raise_exception=True)
        except DomainError as error:
            problems = "; ".join(f"{item.pointer} {item.slug}: {item.detail}" for item in error.items)
            raise CommandError(f"{json.dumps(row, ensure_ascii=False)}: {problems}") from error
        return dict(parsed.validated_data)

    def _named(
        self,
        rows: Iterable[dict[str, Any]],
        serializer: type[StrictSerializer],
        model: Any,
        create: Callable[..., Any],
    ) -> None:
        existing = set(model.objects.values_list("code", flat=True))
        for row in rows:
            if row["code"] not in existing:
                create(by=self.by, **self._parsed(serializer, row))

    def _target(self, row: dict[str, Any]) -> None:
        amendments = row.pop("amendments", [])
        parsed = self._parsed(serializers.TargetSerializer, row)
        plan = Plan.objects.get(code=parsed["plan"])
        name = targets.identifier(
            plan, Indicator.objects.get(code=parsed["indicator"]), parsed["area"], parsed["period"] or plan.period
        )
        if Target.objects.filter(identifier=name).exists():
            return
        target = targets.create(by=self.by, now=self.now, **parsed).target
        for amendment in amendments:
            targets.amend(
                target=target, by=self.by, now=self.now, **self._parsed(serializers.AmendmentSerializer, amendment)
            )

    def _figure(self, row: dict[str, Any]) -> str:
        figure = Posted(**self._parsed(shelf.FigureSerializer, row))
        return measurements.record(figure=figure, by=self.by, now=self.now).outcome.value
