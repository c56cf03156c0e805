"""All named queries. Models import this module, so it imports no model."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, Self

from django.apps import apps
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber, TruncDate
from django.utils import timezone
from tree_queries.query import TreeQuerySet

from indicators.domain.calendars import Calendar
from indicators.domain.figures import Figure
from indicators.domain.succession import End, Ends
from indicators.visibility import Open, Scoped
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Unfit
from kpitracker.lib.prepared import prepared
from kpitracker.lib.texts import text

Pair = tuple[int, int]  # (indicator id, area id)


class CodeLookup:
    """Mixin to find rows by code; raises an error for the caller when there is none."""

    noun, noun_vi = "", ""

    def by_code(self, code: str, pointer: str) -> Any:
        try:
            return self.get(code=code)  # type: ignore[attr-defined]
        except self.model.DoesNotExist as error:  # type: ignore[attr-defined]
            raise self.unknown(code, pointer) from error

    def named(self, code: str, pointer: str) -> Any:
        """Like `by_code` on the whole table, but with a prepared query, which is faster."""
        found = _finder(self.model)(code)  # type: ignore[attr-defined]
        if not found:
            raise self.unknown(code, pointer)
        return found[0]

    def unknown(self, code: str, pointer: str) -> Unfit:
        return Unfit(
            f"unknown-{self.noun}",
            text(f"There is no {self.noun} {code!r}.", f"Không có {self.noun_vi} {code!r}."),
            pointer=pointer,
        )

    def by_code_or_none(self, code: str | None, pointer: str) -> Any:
        return None if code is None else self.by_code(code, pointer)


@cache
def _finder(model: Any) -> Callable[[str], list[Any]]:
    return prepared(lambda code: model._default_manager.filter(code=code))


class AreaQuerySet(Open, CodeLookup, TreeQuerySet):  # type: ignore[misc]
    noun, noun_vi = "area", "địa bàn"


class DepartmentQuerySet(Open, CodeLookup, TreeQuerySet):  # type: ignore[misc]
    noun, noun_vi = "department", "đơn vị"

    def lineage(self, pk: int) -> list[Any]:
        """The department and all departments above it, the nearest first."""
        return list(reversed(self.ancestors(self.model(pk=pk), include_self=True)))

    def family(self, pk: int) -> set[int]:
        """Ids of the department and of all departments below it."""
        return set(self.descendants(pk, include_self=True).values_list("pk", flat=True))

    def ends(self) -> Ends:
        """Last day and successor, by id, of each department that ends and has a successor."""
        return {pk: End(last, successor) for pk, last, successor in _ends()}


class IndicatorQuerySet(Scoped, CodeLookup, QuerySet[Any]):
    noun, noun_vi = "indicator", "chỉ tiêu"
    indicator_path = "pk"

    def hidden_from(self, by: Actor) -> set[int]:
        """Ids of restricted indicators that the actor may not see, and of all indicators computed from them."""
        if by.sees_everything or by.department is None:
            return set()
        restricted = dict(_restricted())
        if not restricted:
            return set()
        family = apps.get_model("indicators", "Department").objects.family(by.department)
        duties = self.model.duties.rel.related_model.objects.filter(indicator__in=restricted, department__in=family)
        own = {pk for pk, department in restricted.items() if department in family}
        return self.computed_from(set(restricted) - own - set(duties.values_list("indicator", flat=True)))

    def computed_from(self, ids: Collection[int]) -> set[int]:
        """Ids of these indicators and of all whose formulas read them, through nested formulas."""
        return reached(ids, self._edges("input_id", "indicator_id")) if ids else set()

    def with_inputs(self, ids: Collection[int]) -> list[Any]:
        """These indicators and all that their formulas read, through nested formulas."""
        return list(self.filter(pk__in=set().union(*self.inputs_of(ids).values())))

    def inputs_of(self, ids: Collection[int]) -> dict[int, set[int]]:
        """For each id, the id itself and the ids of all indicators its formula reads, through nested formulas."""
        inputs = self._edges("indicator_id", "input_id")
        return {each: reached({each}, inputs) for each in ids}

    def readers_of(self, ids: Collection[int]) -> dict[int, set[int]]:
        """For each id, the id itself and the ids of all indicators whose formulas read it, through nested formulas."""
        readers = self._edges("input_id", "indicator_id")
        return {each: reached({each}, readers) for each in ids}

    def checks(self, unsaved: Mapping[int, set[int]] | None = None) -> dict[int, set[int]]:
        """For each indicator with a check formula, the ids that it reads, through the formulas of its inputs.

        `unsaved`: inputs of formulas that are not saved yet, by indicator id; they replace the stored ones.
        """
        read: dict[int, set[int]] = defaultdict(set)
        for indicator, input_ in self.model.check_inputs.rel.related_model.objects.values_list("indicator", "input"):
            read[indicator].add(input_)
        edges = self._edges("indicator_id", "input_id") | dict(unsaved or {}) if read else {}
        return {indicator: reached(inputs, edges) for indicator, inputs in read.items()}

    def _edges(self, start: str, end: str) -> dict[int, set[int]]:
        """The edges of all formulas, from column `start` to column `end`: formulas are few, so one query reads all."""
        edges: dict[int, set[int]] = defaultdict(set)
        for first, second in _formula_inputs():
            edges[first if start == "indicator_id" else second].add(second if start == "indicator_id" else first)
        return edges


@prepared
def _ends() -> QuerySet[Any]:
    rows = apps.get_model("indicators", "Department").objects.exclude(valid_to=None).exclude(successor=None)
    return rows.order_by().values_list("pk", "valid_to", "successor_id")


@prepared
def _restricted() -> QuerySet[Any]:
    return apps.get_model("indicators", "Indicator").objects.filter(restricted=True).values_list("pk", "department")


@prepared
def _formula_inputs() -> QuerySet[Any]:
    return apps.get_model("indicators", "FormulaInput").objects.values_list("indicator_id", "input_id")


def reached(starts: Collection[int], edges: Mapping[int, Collection[int]]) -> set[int]:
    """The starts and everything that can be reached from them."""
    found, fresh = set(starts), set(starts)
    while fresh:
        fresh = {end for start in fresh for end in edges.get(start, ())} - found
        found |= fresh
    return found


class HolidayQuerySet(Open, QuerySet[Any]):
    def calendar(self) -> Calendar:
        """The calendar of all entered days. In years without entries only weekends are days off."""
        rows = list(self.values_list("day", "working"))
        off = frozenset(day for day, working in rows if not working)
        return Calendar(off, frozenset(day for day, working in rows if working))


class DutyQuerySet(Scoped, QuerySet[Any]):
    pass


class KeyQuerySet(QuerySet[Any]):
    def visible_to(self, by: Actor) -> Self:
        """Keys of the actor's department and of departments below it; all for the whole organisation."""
        if by.department is None:
            return self.all()
        return self.filter(department__in=apps.get_model("indicators", "Department").objects.family(by.department))


class ContactQuerySet(KeyQuerySet):
    def active(self) -> Self:
        """Contacts that receive alerts, in the order in which they were entered."""
        return self.filter(active=True).order_by("pk")


class ImportQuerySet(QuerySet[Any]):
    family_path = "department"

    def visible_to(self, by: Actor) -> Self:
        """Imports of the actor's department and of departments below it; all for the whole organisation."""
        if by.department is None:
            return self.all()
        family = apps.get_model("indicators", "Department").objects.family(by.department)
        return self.filter(**{f"{self.family_path}__in": family})

    def open(self) -> Self:
        """Imports that are not finished."""
        return self.filter(state__in=self.model.OPEN)


class ImportProblemQuerySet(ImportQuerySet):
    family_path = "batch__department"


class ApprovalQuerySet(Scoped, QuerySet[Any]):
    indicator_path = "revision__measurement__indicator"


def narrowed(rows: Any, pairs: Iterable[Pair], table: str, prefix: str = "") -> Any:
    """Rows of these (indicator, area) pairs, or few more; `table` is the table that has both columns.

    The filter uses two id lists, which one index serves. It adds the exact pairs when the lists would match more than
    twice as many combinations.
    """
    pairs = set(pairs)
    indicators, areas = {indicator for indicator, _ in pairs}, {area for _, area in pairs}
    found = rows.filter(**{f"{prefix}indicator__in": indicators, f"{prefix}area__in": areas})
    if len(indicators) * len(areas) <= 2 * len(pairs):
        return found
    # Only integers go into the SQL. With VALUES the index finds each of a thousand pairs among a million series.
    wanted = ", ".join(f"({int(indicator)}, {int(area)})" for indicator, area in sorted(pairs))
    each = f"({table}.indicator_id, {table}.area_id) IN (VALUES {wanted})"
    return found.extra(where=[each])  # noqa: S610  # nosec B610


class FigureRows(Scoped, QuerySet[Any]):
    """Common base of measurements and revisions: converts rows to domain figures, by series."""

    def by_series(self, fields: tuple[str, ...]) -> dict[Pair, list[Figure]]:
        series: dict[Pair, list[Figure]] = defaultdict(list)
        # The database computes the local day: that takes half as long as building a datetime for each row.
        day = TruncDate("recorded_at", tzinfo=timezone.get_default_timezone())
        for (
            indicator,
            area,
            pk,
            revision,
            start,
            end,
            value,
            qualifier,
            stage,
            published,
            order,
            recorded_on,
        ) in self.values_list(*fields, day).iterator(chunk_size=5000):
            series[indicator, area].append(
                Figure(str(pk), revision, start, end, value, qualifier, stage, published, order.int, recorded_on)
            )
        return series

    def of_series(self, pairs: Iterable[Pair], prefix: str = "") -> Self:
        """Rows of these (indicator, area) pairs, and possibly a few others: the caller must pick from the result."""
        return narrowed(self, pairs, "indicators_measurement", prefix)  # type: ignore[no-any-return]


class MeasurementQuerySet(FigureRows):
    def current_figures(self, pairs: Iterable[Pair]) -> dict[Pair, list[Figure]]:
        """The current figures, by (indicator id, area id)."""
        return self.of_series(pairs).by_series(
            (
                "indicator_id",
                "area_id",
                "pk",
                "revision",
                "period_start",
                "period_end",
                "value",
                "qualifier",
                "stage",
                "published",
                "current",
            )
        )


def end_of(day: date) -> datetime:
    """The first moment after a day, in the time zone of the instance."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min), timezone.get_default_timezone())


class RevisionQuerySet(FigureRows):
    indicator_path = "measurement__indicator"

    def valid(self) -> Self:
        """Revisions that needed no approval or were approved."""
        return self.filter(Q(approval=None) | Q(approval__state="approved"))

    def known(self, as_of: date, recorded_by: datetime | None = None) -> Self:
        """Revisions published by the end of the day `as_of`; undated ones count from the day of recording.

        `recorded_by` excludes what was recorded later. For a revision that needed approval, the time of approval
        counts as the time of recording.
        """
        valid = self.valid().annotate(known_at=Coalesce("approval__decided_at", "recorded_at"))
        known = valid.filter(Q(published__lte=as_of) | Q(published=None, known_at__lt=end_of(as_of)))
        return known if recorded_by is None else known.filter(known_at__lte=recorded_by)

    def in_force(self, as_of: date, recorded_by: datetime | None = None) -> Self:
        """For each figure the revision in force at the end of the day `as_of` (domain.md section 3)."""
        place = Window(
            RowNumber(),
            partition_by=F("measurement"),
            order_by=[F("published").desc(nulls_last=True), F("number").desc()],
        )
        return self.known(as_of, recorded_by).annotate(place=place).filter(place=1)

    def figures_as_of(
        self, pairs: Iterable[Pair], as_of: date, recorded_by: datetime | None = None
    ) -> dict[Pair, list[Figure]]:
        return (
            self.of_series(pairs, "measurement__")
            .in_force(as_of, recorded_by)
            .by_series(
                (
                    "measurement__indicator_id",
                    "measurement__area_id",
                    "measurement_id",
                    "number",
                    "measurement__period_start",
                    "measurement__period_end",
                    "value",
                    "qualifier",
                    "stage",
                    "published",
                    "pk",
                )
            )
        )
