"""The sheets of the catalogue: how rows are found, created and changed, always through the services."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Generic, TypeVar, cast

from django.db.models import Model, QuerySet

from indicators.domain import formulas
from indicators.models import Area, Department, Indicator, ReportingDuty
from indicators.rest import serializers as indicator_serializers
from indicators.services.catalogue import areas, departments, indicators, reporting_duties
from indicators.visibility import visible_parts
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.rest.serializers import StrictSerializer
from kpitracker.lib.spreadsheets.flatten import Column, columns_of
from targets.api.v1.schemas import serializers
from targets.api.v1.schemas.representation import target_rows
from targets.domain.choices import VersionState
from targets.models import Plan, Target
from targets.services.evaluation.target_versions import find_version_in_force, serialize_milestones
from targets.services.planning import plans, targets
from targets.services.planning.headings import load_hierarchy_links

Values = dict[str, Any]
Row = TypeVar("Row", bound=Model)


class CatalogueSheet(Generic[Row]):
    """One sheet. `change` receives only the fields that differ."""

    name: str
    model: Any
    serializer: type[StrictSerializer]
    leading_columns: tuple[str, ...] = ("code",)
    # Fields without a column: they are computed, or belong to one version or to the present state.
    excluded_fields: frozenset[str] = frozenset(
        {
            "id",
            "locked_through",
            "public",
            "warnings",
            "version",
            "reason",
            "actions_open",
            "actions_overdue",
            "description",
            "components",
        }
    )

    def __init__(self, by: Actor, now: datetime) -> None:
        self.by, self.now = by, now

    def columns(self) -> list[Column]:
        return [
            column
            for column in columns_of(self.serializer, self.leading_columns)
            if column.name not in self.excluded_fields
        ]

    def rows(self) -> Sequence[Mapping[str, object]]:
        return list(self.serializer(self.visible_rows(), many=True).data)

    def visible_rows(self) -> QuerySet[Row]:
        rows: QuerySet[Row] = self.model.objects.visible_to(self.by).order_by("code")
        return rows

    def label(self, values: Values) -> str:
        return str(values["code"])

    def dependencies(self, values: Values) -> set[str]:
        """Labels of rows on the same sheet that must be written first."""
        return {values[name] for name in ("parent", "successor") if values.get(name)}

    def find(self, values: Values) -> Row | None:
        row: Row | None = self.model.objects.visible_to(self.by).filter(code=values["code"]).first()
        return row

    def current_value(self, row: Row, name: str) -> object:
        value = getattr(row, name)
        return value.code if hasattr(value, "code") else value

    def changed_values(self, row: Row, values: Values) -> Values:
        return {name: value for name, value in values.items() if self.current_value(row, name) != value}

    def create(self, values: Values) -> object:
        raise NotImplementedError

    def change(self, row: Row, values: Values) -> None:
        raise NotImplementedError


class AreaSheet(CatalogueSheet[Area]):
    name, model, serializer = "areas", Area, indicator_serializers.AreaSerializer

    def create(self, values: Values) -> object:
        return areas.create_area(by=self.by, **values)

    def change(self, row: Area, values: Values) -> None:
        areas.update_area(area=row, by=self.by, now=self.now, **values)


class DepartmentSheet(CatalogueSheet[Department]):
    name, model, serializer = "departments", Department, indicator_serializers.DepartmentSerializer

    def create(self, values: Values) -> object:
        return departments.create_department(by=self.by, **values)

    def change(self, row: Department, values: Values) -> None:
        departments.update_department(department=row, by=self.by, **values)


class IndicatorSheet(CatalogueSheet[Indicator]):
    name, model, serializer = "indicators", Indicator, indicator_serializers.IndicatorSerializer

    def visible_rows(self) -> QuerySet[Indicator]:
        return super().visible_rows().prefetch_related(visible_parts(self.by))

    def dependencies(self, values: Values) -> set[str]:
        part_codes = set(values.get("parts") or ())
        try:
            return part_codes | set(formulas.parse_formula(values["formula"]).inputs if values.get("formula") else ())
        except formulas.InvalidFormula:
            return part_codes  # the service reports the error

    def current_value(self, row: Indicator, name: str) -> object:
        return sorted(row.parts.values_list("code", flat=True)) if name == "parts" else super().current_value(row, name)

    def changed_values(self, row: Indicator, values: Values) -> Values:
        codes = {"parts": sorted(set(values["parts"]))} if "parts" in values else {}
        return super().changed_values(row, {**values, **codes})

    def create(self, values: Values) -> object:
        return indicators.create_indicator(by=self.by, **values)

    def change(self, row: Indicator, values: Values) -> None:
        indicators.update_indicator(indicator=row, by=self.by, now=self.now, **values)


class DutySheet(CatalogueSheet[ReportingDuty]):
    name, model, serializer = "duties", ReportingDuty, indicator_serializers.ReportingDutySerializer
    leading_columns = ("indicator", "area", "department")

    def visible_rows(self) -> QuerySet[ReportingDuty]:
        names = ("indicator__code", "area__code", "department__code", "valid_from")
        return self.model.objects.visible_to(self.by).select_related("indicator", "area", "department").order_by(*names)

    def label(self, values: Values) -> str:
        return ":".join(str(values[name]) for name in ("indicator", "area", "department", "valid_from"))

    def find(self, values: Values) -> ReportingDuty | None:
        codes = {f"{name}__code": values[name] for name in self.leading_columns}
        matches = self.model.objects.visible_to(self.by).filter(**codes, valid_from=values["valid_from"])
        return matches.select_related("indicator", "area", "department").first()

    def create(self, values: Values) -> object:
        return reporting_duties.create_duty(by=self.by, **values)

    def change(self, row: ReportingDuty, values: Values) -> None:
        reporting_duties.update_duty(duty=row, by=self.by, **values)


class PlanSheet(CatalogueSheet[Plan]):
    name, model, serializer = "plans", Plan, serializers.PlanSerializer

    def changed_values(self, row: Plan, values: Values) -> Values:
        # An empty area means the home area for a new plan, and no change for an existing one.
        return super().changed_values(row, {name: value for name, value in values.items() if name != "area" or value})

    def create(self, values: Values) -> object:
        return plans.create_plan(by=self.by, **values)

    def change(self, row: Plan, values: Values) -> None:
        plans.update_plan(plan=row, by=self.by, **values)


class TargetSheet(CatalogueSheet[Target]):
    """Targets with the terms in force today, or else those of the latest version. Other versions do not change."""

    name, model, serializer = "targets", Target, serializers.TargetSerializer
    leading_columns = ("plan", "indicator", "area", "period", "goal")
    # Fields that an empty cell leaves to the service instead of clearing them.
    service_defaults = frozenset({"area", "period", "announced", "state"})

    def visible_rows(self) -> QuerySet[Target]:
        return Target.objects.for_list().visible_to(self.by).order_by("identifier")

    def rows(self) -> Sequence[Mapping[str, object]]:
        """Suspended and withdrawn targets are left out: an instance that reads the file would take them up again."""
        return [row for row in target_rows(self.visible_rows(), self.by) if not VersionState(row["state"]).is_ended]

    def label(self, values: Values) -> str:
        return ":".join(str(values[name]) for name in ("plan", "indicator", "area", "period"))

    def dependencies(self, values: Values) -> set[str]:
        """The heading of the target. Its id has a period only where it differs from the period of the plan."""
        heading = str(values.get("heading") or "").replace("--", "/")
        return {heading, f"{heading}:{values['period']}"} if heading else set()

    def find(self, values: Values) -> Target | None:
        plan = Plan.objects.visible_to(self.by).filter(code=values["plan"]).select_related("area").first()
        indicator = Indicator.objects.visible_to(self.by).filter(code=values["indicator"]).first()
        if plan is None or indicator is None:
            return None
        name = targets.build_identifier(
            plan, indicator, values["area"] or plan.area.code, values["period"] or plan.period
        )
        return Target.objects.for_list().visible_to(self.by).filter(identifier=name).first()

    def changed_values(self, row: Target, values: Values) -> Values:
        relevant = {name: value for name, value in values.items() if value or name not in self.service_defaults}
        relevant |= {"heading": values["heading"] or None} if "heading" in values else {}
        return super().changed_values(
            row,
            {**relevant, "cooperating": sorted(set(relevant["cooperating"]))}
            if "cooperating" in relevant
            else relevant,
        )

    def current_value(self, row: Target, name: str) -> object:
        if name == "heading":
            return load_hierarchy_links([row], self.by)[row.pk].heading
        if name == "cooperating":
            return sorted(department.code for department in row.cooperating.all())
        if name not in (*targets.VERSION_FIELDS, "act", "announced", "state"):
            return super().current_value(row, name)
        version = find_version_in_force(row, clock.local_day(self.now)) or max(
            row.all_versions, key=lambda candidate: candidate.number
        )
        value = getattr(version, name)
        return value or None if name == "profile" else value

    def create(self, values: Values) -> object:
        return targets.create_target(by=self.by, now=self.now, **values)

    def change(self, row: Target, values: Values) -> None:
        amendment = {
            name: values.pop(name) for name in (*targets.VERSION_FIELDS, "act", "announced", "state") if name in values
        }
        if values:
            targets.update_target(target=row, by=self.by, now=self.now, **values)
        if amendment:
            announced = cast(date, amendment.pop("announced", None) or self.current_value(row, "announced"))
            targets.amend_target(target=row, by=self.by, now=self.now, announced=announced, **amendment)


def milestones_as_stored(values: Values) -> Values:
    """The values with milestones in their stored form, so that they can be compared with stored values."""
    if values.get("milestones"):
        return {**values, "milestones": serialize_milestones(values["milestones"])}
    return values


AnySheet = CatalogueSheet[Any]
SHEET_CLASSES: tuple[Callable[[Actor, datetime], AnySheet], ...] = (
    AreaSheet,
    DepartmentSheet,
    IndicatorSheet,
    DutySheet,
    PlanSheet,
    TargetSheet,
)
