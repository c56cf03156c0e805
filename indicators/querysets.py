"""The querysets of the app `indicators`. Its models import this module, so it imports no model."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db.models import F, Model, Q, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber
from tree_queries.query import TreeQuerySet

from indicators.domain.calendars import Calendar
from indicators.domain.department_succession import Succession, Successions
from indicators.domain.figures import Figure
from indicators.domain.graphs import reachable_from
from indicators.figure_rows import load_figures
from indicators.visibility import OwnPartQuerySet, PosterMixin, PublicMixin, RestrictedByIndicatorMixin
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.db.plain_sql import fetch_rows
from kpitracker.lib.errors import Unprocessable, ValidationProblem
from kpitracker.lib.i18n.text import text

if TYPE_CHECKING:
    from indicators.models import (  # noqa: F401 (in the quoted bases)
        Approval,
        Area,
        AreaShape,
        Holiday,
        Indicator,
        ReportingDuty,
    )

SeriesKey = tuple[int, int]  # (indicator id, area id)
_IS_VALID = Q(approval=None) | Q(approval__state="approved")  # of a revision
_CONTENT_FIELDS = ("value", "missing_reason", "qualifier", "stage", "published")


class CodeLookupMixin:
    """Mixin to find rows by code. Raises `Unprocessable` (unknown-<noun>) when there is none."""

    noun, noun_vi = "", ""

    def by_code(self, code: str, pointer: str) -> Any:
        try:
            return self.get(code=code)  # type: ignore[attr-defined]
        except self.model.DoesNotExist as error:  # type: ignore[attr-defined]
            raise self.unknown_code_error(code, pointer) from error

    def unknown_code_error(self, code: str, pointer: str) -> Unprocessable:
        return Unprocessable(
            f"unknown-{self.noun}",
            text(f"There is no {self.noun} {code!r}.", f"Không có {self.noun_vi} {code!r}."),
            pointer=pointer,
        )

    def by_code_or_none(self, code: str | None, pointer: str) -> Any:
        return None if code is None else self.by_code(code, pointer)


def _all_rows(model_name: str) -> Any:
    """The default manager of a model of this app, by name: this module cannot import the models."""
    return apps.get_model("indicators", model_name)._default_manager


class AreaQuerySet(PublicMixin, CodeLookupMixin, TreeQuerySet):  # type: ignore[misc]
    noun, noun_vi = "area", "địa bàn"

    def by_code_or_home(self, code: str | None, pointer: str = "/area") -> "Area":
        """Return the area with this code. Without a code: the area of the setting `HOME_AREA`, else the only root area.

        Raises `Unprocessable` (unknown-area) for an unknown code, `ValidationProblem` (required) when there is no single
        root.
        """
        if code := code or settings.HOME_AREA:
            area: Area = self.by_code(code, pointer)
            return area
        roots: list[Area] = list(self.filter(parent=None)[:2])
        if len(roots) != 1:
            raise ValidationProblem(
                "required", text("Give the code of an area.", "Hãy nêu mã địa bàn."), pointer=pointer
            )
        return roots[0]


class AreaShapeQuerySet(PublicMixin, QuerySet["AreaShape"]):
    def outlines(self, areas: Collection[int]) -> dict[int, list[list[list[float]]]]:
        """By area id, the rings of longitudes and latitudes that a map draws. Areas without a geometry are left out."""
        return dict(self.filter(area__among=areas).values_list("area", "outline"))


class DepartmentQuerySet(PublicMixin, CodeLookupMixin, TreeQuerySet):  # type: ignore[misc]
    noun, noun_vi = "department", "đơn vị"

    def self_and_ancestors(self, pk: int) -> list[Any]:
        """The department and all departments above it, the nearest first."""
        return list(reversed(self.ancestors(self.model(pk=pk), include_self=True)))

    def subtree_ids(self, pk: int) -> set[int]:
        """Ids of the department and of all departments below it."""
        return set(self.descendants(pk, include_self=True).values_list("pk", flat=True))

    def visible_ids(self, by: Actor) -> set[int] | None:
        """Ids of the departments whose rows the admin shows the user: their own and all below it.

        None: all (no department, a role that sees everything, or the scope `plans:write`).
        """
        if by.department is None or by.sees_everything or by.may(Scope.PLANS_WRITE):
            return None
        return self.subtree_ids(by.department)

    def successions(self) -> Successions:
        """Last day and successor, by id, of each department that ends and has a successor."""
        return {pk: Succession(last_day, successor) for pk, last_day, successor in _departments_with_successor()}


class IndicatorQuerySet(RestrictedByIndicatorMixin, CodeLookupMixin, QuerySet["Indicator"]):
    noun, noun_vi = "indicator", "chỉ số"
    indicator_path = "pk"

    def hidden_from(self, by: Actor, restricted: Mapping[int, int | None] | None = None) -> set[int]:
        """Ids of restricted indicators that the actor may not see, and of all indicators computed from them.

        `restricted`: the ids of the restricted ones with those of their departments, when the caller has read them.
        """
        if by.sees_everything or by.department is None:
            return set()
        if restricted is None:
            restricted = dict(_restricted_indicators())
        if not restricted:
            return set()
        own_departments = _all_rows("Department").subtree_ids(by.department)
        duties = _all_rows("ReportingDuty").filter(indicator__in=restricted, department__in=own_departments)
        own_restricted_ids = {pk for pk, department in restricted.items() if department in own_departments}
        return self.computed_from(
            set(restricted) - own_restricted_ids - set(duties.values_list("indicator", flat=True))
        )

    def reported_by(self, department_ids: Collection[int]) -> Self:
        """Indicators that the departments report, by default or by a reporting duty."""
        duties = _all_rows("ReportingDuty").filter(department__in=department_ids)
        return self.filter(Q(department__in=department_ids) | Q(pk__in=duties.values("indicator")))

    def computed_from(self, ids: Collection[int]) -> set[int]:
        """Ids of these indicators and of all whose formulas read them, through nested formulas."""
        return reachable_from(ids, self._formula_edges("input_id", "indicator_id")) if ids else set()

    def with_inputs(self, ids: Collection[int]) -> "list[Indicator]":
        """These indicators and all that their formulas read, through nested formulas."""
        return list(self.filter(pk__in=set().union(*self.inputs_of(ids).values())))

    def inputs_of(self, ids: Collection[int]) -> dict[int, set[int]]:
        """For each id, the id itself and the ids of all indicators its formula reads, through nested formulas."""
        inputs = self._formula_edges("indicator_id", "input_id")
        return {indicator_id: reachable_from({indicator_id}, inputs) for indicator_id in ids}

    def readers_of(
        self, ids: Collection[int], formula_inputs: Iterable[tuple[int, int]] | None = None
    ) -> dict[int, set[int]]:
        """For each id, the id itself and the ids of all indicators whose formulas read it, through nested formulas.

        `formula_inputs`: the ids of each indicator with a formula and of its inputs, when the caller has read them.
        """
        readers = self._formula_edges("input_id", "indicator_id", formula_inputs)
        return {indicator_id: reachable_from({indicator_id}, readers) for indicator_id in ids}

    def inputs_of_check_formulas(self, unsaved: Mapping[int, set[int]] | None = None) -> dict[int, set[int]]:
        """For each indicator with a check formula, the ids that it reads, through the formulas of its inputs.

        `unsaved`: inputs of formulas that are not saved yet, by indicator id; they replace the stored ones.
        """
        inputs_by_indicator: dict[int, set[int]] = defaultdict(set)
        for indicator, input_ in _all_rows("CheckInput").values_list("indicator", "input"):
            inputs_by_indicator[indicator].add(input_)
        edges = self._formula_edges("indicator_id", "input_id") | dict(unsaved or {}) if inputs_by_indicator else {}
        return {indicator: reachable_from(inputs, edges) for indicator, inputs in inputs_by_indicator.items()}

    def _formula_edges(
        self, start: str, end: str, formula_inputs: Iterable[tuple[int, int]] | None = None
    ) -> dict[int, set[int]]:
        """The pairs (indicator, input) of all formulas, from column `start` to column `end`: few, so one query reads all."""
        edges: dict[int, set[int]] = defaultdict(set)
        for indicator_id, input_id in _formula_inputs() if formula_inputs is None else formula_inputs:
            ids = {"indicator_id": indicator_id, "input_id": input_id}
            edges[ids[start]].add(ids[end])
        return edges


def _departments_with_successor() -> QuerySet[Model, Any]:
    departments = _all_rows("Department").exclude(valid_to=None).exclude(successor=None)
    rows: QuerySet[Model, Any] = departments.order_by().values_list("pk", "valid_to", "successor_id")
    return rows


# In plain SQL: nearly every request of a department reads it.
def _restricted_indicators() -> list[tuple[int, int | None]]:
    return [(pk, department) for pk, department in fetch_rows(_RESTRICTED_SQL)]


def _formula_inputs() -> list[tuple[int, int]]:
    return [(indicator, input_) for indicator, input_ in fetch_rows(_FORMULA_INPUTS_SQL)]


_RESTRICTED_SQL = "SELECT id, department_id FROM indicators_indicator WHERE restricted"
_FORMULA_INPUTS_SQL = "SELECT indicator_id, input_id FROM indicators_formulainput"


class HolidayQuerySet(PublicMixin, QuerySet["Holiday"]):
    def calendar(self) -> Calendar:
        """The calendar of all stored holidays and working weekend days. In years without rows weekends are the days off."""
        rows = list(self.values_list("day", "working"))
        days_off = frozenset(day for day, working in rows if not working)
        return Calendar(days_off, frozenset(day for day, working in rows if working))


class DutyQuerySet(RestrictedByIndicatorMixin, QuerySet["ReportingDuty"]):
    pass


class ContactQuerySet(OwnPartQuerySet):
    def active(self) -> Self:
        """Contacts that receive alerts, in the order in which they were entered."""
        return self.filter(active=True).order_by("pk")


class ImportQuerySet(OwnPartQuerySet):
    def open(self) -> Self:
        """Imports that are not finished."""
        return self.filter(state__in=self.model.OPEN)


class ImportProblemQuerySet(ImportQuerySet):
    department_path = "batch__department"


class ApprovalQuerySet(PosterMixin, QuerySet["Approval"]):
    indicator_path, poster_path = "revision__measurement__indicator", "revision__"

    def visible_to(self, by: Actor) -> Self:
        """Approvals of the figures that the actor sees before they are approved."""
        return super().visible_to(by).filter(self.seen_unapproved(by))


def filter_by_series(rows: Any, pairs: Iterable[SeriesKey], table: str, prefix: str = "") -> Any:
    """Rows of these (indicator, area) pairs, and possibly of some others: the caller must filter the result exactly.

    `table` is the table that has both columns. The filter consists of a list of indicator ids and a list of area ids,
    for which one index is enough. The exact pairs are added when the lists would match more than twice as many pairs.
    """
    pairs = set(pairs)
    indicators, areas = {indicator for indicator, _ in pairs}, {area for _, area in pairs}
    matches = rows.filter(**{f"{prefix}indicator__in": indicators, f"{prefix}area__in": areas})
    if len(indicators) * len(areas) <= 2 * len(pairs):
        return matches
    # For IN (VALUES …) the database looks up each pair in the index; for many OR conditions it would scan the table.
    # Only integers go into the SQL.
    values_sql = ", ".join(f"({int(indicator)}, {int(area)})" for indicator, area in sorted(pairs))
    condition = f"({table}.indicator_id, {table}.area_id) IN (VALUES {values_sql})"
    return matches.extra(where=[condition])  # noqa: S610  # nosec B610


class FigureQuerySet(PosterMixin, QuerySet[Any]):
    """Common base of measurements and revisions."""

    def for_series(self, pairs: Iterable[SeriesKey], prefix: str = "") -> Self:
        """Rows of these (indicator, area) pairs, and possibly of others: the caller must filter the result exactly."""
        return filter_by_series(self, pairs, "indicators_measurement", prefix)  # type: ignore[no-any-return]


# The revision in force of a figure that only waits for approval or was rejected.
NO_REVISION = UUID(int=0)


class MeasurementQuerySet(FigureQuerySet):
    def visible_to(self, by: Actor) -> Self:
        """Figures with a revision in force, and those that wait for approval where the actor sees them."""
        in_force = ~Q(current_revision=NO_REVISION)
        return super().visible_to(by).filter(in_force | self.seen_unapproved(by))

    def current_figures(self, pairs: Iterable[SeriesKey]) -> dict[SeriesKey, list[Figure]]:
        """The current figures, by (indicator id, area id), without those of which no revision is in force."""
        identity_fields = ("indicator_id", "area_id", "pk", "revision", "period_start", "period_end")
        in_force = self.for_series(pairs).exclude(current_revision=NO_REVISION)
        return load_figures(in_force, identity_fields, _CONTENT_FIELDS, "current_revision")


class RevisionQuerySet(FigureQuerySet):
    indicator_path = "measurement__indicator"

    def valid(self) -> Self:
        """Revisions that needed no approval or were approved."""
        return self.filter(_IS_VALID)

    def shown_to(self, by: Actor) -> Self:
        """Visible revisions that are valid, and those that wait or were rejected where the actor sees them."""
        return self.visible_to(by).filter(_IS_VALID | self.seen_unapproved(by))

    def known_as_of(self, as_of: date, recorded_by: datetime | None = None) -> Self:
        """Revisions published by the end of the day `as_of`; undated ones count from the day of recording.

        `recorded_by` excludes what was recorded later. For a revision that needed approval, the time of approval
        counts as the time of recording.
        """
        valid_revisions = self.valid().annotate(known_at=Coalesce("approval__decided_at", "recorded_at"))
        revisions = valid_revisions.filter(
            Q(published__lte=as_of) | Q(published=None, known_at__lt=clock.start_of_next_day(as_of))
        )
        return revisions if recorded_by is None else revisions.filter(known_at__lte=recorded_by)

    def in_force(self, as_of: date, recorded_by: datetime | None = None) -> Self:
        """For each figure the revision in force at the end of the day `as_of`: `figures.precedence` in SQL."""
        precedence = [F("published").desc(nulls_last=True), F("number").desc()]
        row_number = Window(RowNumber(), partition_by=F("measurement"), order_by=precedence)
        return self.known_as_of(as_of, recorded_by).annotate(row_number=row_number).filter(row_number=1)

    def figures_as_of(
        self, pairs: Iterable[SeriesKey], as_of: date, recorded_by: datetime | None = None
    ) -> dict[SeriesKey, list[Figure]]:
        identity_fields = ("measurement__indicator_id", "measurement__area_id", "measurement_id", "number")
        period_fields = ("measurement__period_start", "measurement__period_end")
        revisions = self.for_series(pairs, "measurement__").in_force(as_of, recorded_by)
        return load_figures(revisions, (*identity_fields, *period_fields), _CONTENT_FIELDS, "pk")
