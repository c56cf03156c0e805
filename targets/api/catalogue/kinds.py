"""The sheets of the catalogue: how rows are found, created and changed, always through the services."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from indicators.api.v1 import serializers as shelf
from indicators.domain import formulas
from indicators.models import Area, Department, Indicator, ReportingDuty
from indicators.services import areas, departments, duties, indicators
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.spreadsheets.tables import Column, columns_of
from targets.api.v1 import serializers
from targets.api.v1.representation import target_rows
from targets.models import Plan, Target
from targets.services import plans, targets
from targets.services.headings import of_targets
from targets.services.terms import stored_milestones, version_in_force

Values = dict[str, Any]


class Kind:
    """One sheet. `change` receives only the fields that differ."""

    name: str
    model: Any
    serializer: Any
    first: tuple[str, ...] = ("code",)
    # Fields without a column: they are computed, or belong to one version or to the present state.
    left_out: frozenset[str] = frozenset(
        {
            "id",
            "locked_through",
            "warnings",
            "version",
            "reason",
            "actions_open",
            "actions_overdue",
            "in_words",
            "components",
        }
    )

    def __init__(self, by: Actor, now: datetime) -> None:
        self.by, self.now = by, now

    def columns(self) -> list[Column]:
        return [each for each in columns_of(self.serializer, self.first) if each.name not in self.left_out]

    def rows(self) -> list[Any]:
        return list(self.serializer(self.all(), many=True).data)

    def all(self) -> Any:
        return self.model.objects.visible_to(self.by).order_by("code")

    def label(self, values: Values) -> str:
        return str(values["code"])

    def needs(self, values: Values) -> set[str]:
        """Labels of rows on the same sheet that must be written first."""
        return {values[name] for name in ("parent", "successor") if values.get(name)}

    def find(self, values: Values) -> Any:
        return self.model.objects.visible_to(self.by).filter(code=values["code"]).first()

    def current(self, row: Any, name: str) -> Any:
        value = getattr(row, name)
        return value.code if hasattr(value, "code") else value

    def differing(self, row: Any, values: Values) -> Values:
        return {name: value for name, value in values.items() if self.current(row, name) != value}

    def create(self, values: Values) -> Any:
        raise NotImplementedError

    def change(self, row: Any, values: Values) -> None:
        raise NotImplementedError


class Areas(Kind):
    name, model, serializer = "areas", Area, shelf.AreaSerializer

    def create(self, values: Values) -> Any:
        return areas.create(by=self.by, **values)

    def change(self, row: Any, values: Values) -> None:
        areas.change(area=row, by=self.by, **values)


class Departments(Kind):
    name, model, serializer = "departments", Department, shelf.DepartmentSerializer

    def create(self, values: Values) -> Any:
        return departments.create(by=self.by, **values)

    def change(self, row: Any, values: Values) -> None:
        departments.change(department=row, by=self.by, **values)


class Indicators(Kind):
    name, model, serializer = "indicators", Indicator, shelf.IndicatorSerializer

    def needs(self, values: Values) -> set[str]:
        try:
            return set(formulas.parse(values["formula"]).inputs) if values.get("formula") else set()
        except formulas.InvalidFormula:
            return set()  # the service reports the error

    def create(self, values: Values) -> Any:
        return indicators.create(by=self.by, **values)

    def change(self, row: Any, values: Values) -> None:
        indicators.change(indicator=row, by=self.by, now=self.now, **values)


class Duties(Kind):
    name, model, serializer = "duties", ReportingDuty, shelf.DutySerializer
    first = ("indicator", "area", "department")

    def all(self) -> Any:
        names = ("indicator__code", "area__code", "department__code", "valid_from")
        return self.model.objects.visible_to(self.by).select_related("indicator", "area", "department").order_by(*names)

    def label(self, values: Values) -> str:
        return ":".join(str(values[name]) for name in ("indicator", "area", "department", "valid_from"))

    def find(self, values: Values) -> Any:
        codes = {f"{name}__code": values[name] for name in self.first}
        found = self.model.objects.visible_to(self.by).filter(**codes, valid_from=values["valid_from"])
        return found.select_related("indicator", "area", "department").first()

    def create(self, values: Values) -> Any:
        return duties.create(by=self.by, **values)

    def change(self, row: Any, values: Values) -> None:
        duties.change(duty=row, by=self.by, **values)


class Plans(Kind):
    name, model, serializer = "plans", Plan, serializers.PlanSerializer

    def differing(self, row: Any, values: Values) -> Values:
        # An empty area means the home area for a new plan, and no change for an existing one.
        return super().differing(row, {name: value for name, value in values.items() if name != "area" or value})

    def create(self, values: Values) -> Any:
        return plans.create(by=self.by, **values)

    def change(self, row: Any, values: Values) -> None:
        plans.change(plan=row, by=self.by, **values)


class Targets(Kind):
    """Targets with the terms in force today, or else those of the latest version. Other versions do not change."""

    name, model, serializer = "targets", Target, serializers.TargetRowSerializer
    first = ("plan", "indicator", "area", "period", "goal")
    # Fields that an empty cell leaves to the service instead of clearing them.
    left_to_the_service = frozenset({"area", "period", "announced", "state"})

    def all(self) -> Any:
        return Target.objects.shown().visible_to(self.by).order_by("identifier")

    def rows(self) -> list[Any]:
        return target_rows(self.all(), self.by)

    def label(self, values: Values) -> str:
        return ":".join(str(values[name]) for name in ("plan", "indicator", "area", "period"))

    def needs(self, values: Values) -> set[str]:
        """The heading of the target. Its id has a period only where it differs from the period of the plan."""
        heading = str(values.get("heading") or "").replace("--", "/")
        return {heading, f"{heading}:{values['period']}"} if heading else set()

    def find(self, values: Values) -> Any:
        plan = Plan.objects.visible_to(self.by).filter(code=values["plan"]).select_related("area").first()
        indicator = Indicator.objects.visible_to(self.by).filter(code=values["indicator"]).first()
        if plan is None or indicator is None:
            return None
        name = targets.identifier(plan, indicator, values["area"] or plan.area.code, values["period"] or plan.period)
        return Target.objects.shown().visible_to(self.by).filter(identifier=name).first()

    def differing(self, row: Any, values: Values) -> Values:
        given = {name: value for name, value in values.items() if value or name not in self.left_to_the_service}
        given |= {"heading": values["heading"] or None} if "heading" in values else {}
        return super().differing(
            row, {**given, "cooperating": sorted(set(given["cooperating"]))} if "cooperating" in given else given
        )

    def current(self, row: Any, name: str) -> Any:
        if name == "heading":
            return of_targets([row], self.by)[row.pk].heading
        if name == "cooperating":
            return sorted(department.code for department in row.cooperating.all())
        if name not in (*targets.VERSIONED, "act", "announced", "state"):
            return super().current(row, name)
        version = version_in_force(row, clock.local_day(self.now)) or max(row.all_versions, key=lambda v: v.number)
        value = getattr(version, name)
        return value or None if name == "profile" else value

    def create(self, values: Values) -> Any:
        return targets.create(by=self.by, now=self.now, **values)

    def change(self, row: Any, values: Values) -> None:
        amended = {
            name: values.pop(name) for name in (*targets.VERSIONED, "act", "announced", "state") if name in values
        }
        if values:
            targets.change(target=row, by=self.by, now=self.now, **values)
        if amended:
            announced = amended.pop("announced", None) or self.current(row, "announced")
            targets.amend(target=row, by=self.by, now=self.now, announced=announced, **amended)


def milestones_as_stored(values: Values) -> Values:
    """The values with milestones in their stored form, so that they can be compared with stored values."""
    if values.get("milestones"):
        return {**values, "milestones": stored_milestones(values["milestones"])}
    return values


KINDS: tuple[Callable[[Actor, datetime], Kind], ...] = (Areas, Departments, Indicators, Duties, Plans, Targets)
