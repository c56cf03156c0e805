"""Missing figures, and how completely and timely departments report; the number of queries is fixed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, Min, OuterRef, Q

from indicators.domain.due import has_passed
from indicators.domain.periods import Period
from indicators.domain.succession import heirs, stood_for
from indicators.models import Area, Department, Holiday, Indicator, Measurement, ReportingDuty, Revision
from indicators.querysets import Pair
from indicators.services import regions
from indicators.services.books import terms_of
from indicators.services.history import NOTHING
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from targets.domain import owing
from targets.domain.owing import Asked, Came, Term
from targets.models import Target, TargetVersion

# The longest due time: 1000 working days, or a result that is published years later.
_LONGEST = timedelta(days=2200)


class Question(NamedTuple):
    """Filters: ids of departments (`family`), of an indicator, of an area; None: all that the caller may see.

    Periods count that ended on `since` or later; figures count that were known on `as_of` and recorded by
    `recorded_by`.
    """

    by: Actor
    as_of: date
    today: date
    since: date
    family: set[int] | None = None
    indicator: int | None = None
    area: int | None = None
    recorded_by: datetime | None = None


class Obligation(NamedTuple):
    """A figure that a department had to post by a day; `reported_on` is the day on which it did, or None."""

    due: date
    indicator: Indicator
    area: Area
    department: Department
    period: Period
    came: date | None

    @property
    def place(self) -> tuple[str, ...]:
        """The sort key of the list."""
        return (self.due.isoformat(), self.indicator.code, self.area.code, str(self.period), self.department.code)


class Month(NamedTuple):
    """How many of the figures due in a month a department has reported; `first_day` is that of the month."""

    department: Department
    first: date
    due: int
    on_time: int
    late: int

    @property
    def reported(self) -> int:
        return self.on_time + self.late


def owed(question: Question) -> list[Obligation]:
    """The missing figures, ordered by due day."""
    missing = [each for each in obligations(question) if each.came is None]
    return sorted(missing, key=lambda each: each.place)


def completeness(question: Question, first: date, last: date) -> list[Month]:
    """Counts by department and month of the due days from `first` to `last` that have passed."""
    counted: dict[tuple[str, date], list[Obligation]] = defaultdict(list)
    for each in obligations(question._replace(since=first - _LONGEST)):
        if first <= each.due <= last and has_passed(each.due, question.as_of):
            counted[each.department.code, each.due.replace(day=1)].append(each)
    return [_month(group, month) for (_, month), group in sorted(counted.items(), key=lambda item: item[0])]


def _month(group: list[Obligation], first: date) -> Month:
    came = [each for each in group if each.came is not None]
    on_time = sum(1 for each in came if each.came is not None and each.came <= each.due)
    return Month(group[0].department, first, len(group), on_time, len(came) - on_time)


def obligations(question: Question) -> Iterator[Obligation]:
    """Every figure that had to be posted, reported or not, in no order."""
    indicators = {each.pk: each for each in _indicators(question)}
    terms = {pk: terms_of(each) for pk, each in indicators.items()}
    first = _first_figures(question, indicators)
    asked = _of_parts(_asked(question, indicators), first, indicators)
    came, duties = _came(question, indicators), _duties(indicators)
    areas = {each.pk: each for each in _areas(question)}
    departments = {each.pk: each for each in Department.objects.all()}
    valid = {pk: Term(each.valid_from, each.valid_to) for pk, each in departments.items()}
    calendar, ends = Holiday.objects.calendar(), Department.objects.ends()
    for pair in {*asked, *first}:
        indicator, area = indicators[pair[0]], areas.get(pair[1])
        default = indicator.department_id
        reporters = heirs(owing.on_duty(duties[pair], default, question.as_of), question.as_of, ends)
        if question.family is not None:
            reporters &= question.family
        if area is None or not reporters:
            continue
        place = Term(area.valid_from, area.valid_to)
        for each in owing.dues(
            asked[pair], came[pair], first.get(pair), terms[pair[0]], calendar, question.since, question.as_of
        ):
            if owing.was_held(duties[pair], default, each.period.end, place, valid, ends):
                for pk in reporters:
                    yield Obligation(each.due, indicator, area, departments[pk], each.period, each.came)


def _indicators(question: Question) -> Iterable[Indicator]:
    """Stored indicators only: no department posts a computed one."""
    rows = Indicator.objects.visible_to(question.by).filter(formula="")
    if question.indicator is not None:
        rows = rows.filter(pk=question.indicator)
    if question.family is not None:
        family = stood_for(question.family, question.as_of, Department.objects.ends())
        of_family = ReportingDuty.objects.filter(department__in=family).values("indicator")
        rows = rows.filter(Q(department__in=family) | Q(pk__in=of_family))
    return rows


def _areas(question: Question) -> Iterable[Area]:
    return Area.objects.all() if question.area is None else Area.objects.filter(pk=question.area)


def _asked(question: Question, indicators: dict[int, Indicator]) -> dict[Pair, list[Asked]]:
    """The periods that visible targets need, by series, also through formulas.

    Drafts and qualitative targets need no figures.
    """
    readers = Indicator.objects.readers_of(indicators)
    inputs: dict[int, set[int]] = defaultdict(set)
    for pk, read_by in readers.items():
        for reader in read_by:
            inputs[reader].add(pk)
    announced = TargetVersion.objects.filter(target=OuterRef("pk"), announced__lte=question.as_of)
    if question.recorded_by is not None:
        announced = announced.filter(recorded_at__lte=question.recorded_by)
    rows = Target.objects.visible_to(question.by).filter(
        Exists(announced.exclude(state="draft")),
        indicator__in=inputs,
        qualitative=False,
        period_start__lte=question.as_of,
    )
    found: dict[Pair, list[Asked]] = defaultdict(list)
    for indicator, area, start, end, result in rows.values_list(
        "indicator_id", "area_id", "period_start", "period_end", "result_due"
    ):
        for pk in inputs[indicator]:
            # `result_due` postpones only the figure of the target itself, not the inputs of a formula.
            found[pk, area].append(Asked(Period(start, end), result if pk == indicator else None))
    return found


def _of_parts(
    asked: dict[Pair, list[Asked]], first: Collection[Pair], indicators: dict[int, Indicator]
) -> dict[Pair, list[Asked]]:
    """Replace the periods of a regional sum by the same periods of the areas that report."""
    summed = [pair for pair in asked if indicators[pair[0]].regional]
    if not summed:
        return asked
    found: dict[Pair, list[Asked]] = defaultdict(list)
    parts = regions.reporting(summed, first)
    for pair, wanted in asked.items():
        for each in parts.get(pair, [pair]):
            found[each] += wanted
    return found


def _first_figures(question: Question, indicators: dict[int, Indicator]) -> dict[Pair, date]:
    """The end of the earliest figure of each series."""
    if question.as_of == question.today and question.recorded_by is None:
        current = Measurement.objects.filter(indicator__in=indicators).exclude(current=NOTHING["current"])
        counted = current.order_by().values_list("indicator_id", "area_id").annotate(first=Min("period_end"))
    else:
        known = Revision.objects.known(question.as_of, question.recorded_by)
        rows = known.filter(measurement__indicator__in=indicators)
        counted = (
            rows.order_by()
            .values_list("measurement__indicator_id", "measurement__area_id")
            .annotate(first=Min("measurement__period_end"))
        )
    return {(indicator, area): first for indicator, area, first in counted}


def _came(question: Question, indicators: dict[int, Indicator]) -> dict[Pair, list[Came]]:
    """Figures with a value or a reason for having none, and the day since which each has been known."""
    rows = Revision.objects.known(question.as_of, question.recorded_by).filter(
        measurement__indicator__in=indicators,
        measurement__period_end__gte=question.since,
        measurement__period_end__lt=question.as_of,
    )
    found: dict[Pair, list[Came]] = defaultdict(list)
    for indicator, area, start, end, published, recorded in (
        rows.order_by()
        .values_list(
            "measurement__indicator_id",
            "measurement__area_id",
            "measurement__period_start",
            "measurement__period_end",
        )
        .annotate(published_first=Min("published"), undated=Min("known_at", filter=Q(published=None)))
        .iterator(chunk_size=5000)
    ):
        days = [day for day in (published, recorded and clock.local_day(recorded)) if day]
        found[indicator, area].append(Came(start, end, min(days)))
    return found


def _duties(indicators: dict[int, Indicator]) -> dict[Pair, list[tuple[int, Term]]]:
    rows = ReportingDuty.objects.filter(indicator__in=indicators)
    found: dict[Pair, list[tuple[int, Term]]] = defaultdict(list)
    for indicator, area, department, first, last in rows.values_list(
        "indicator_id", "area_id", "department_id", "valid_from", "valid_to"
    ):
        found[indicator, area].append((department, Term(first, last)))
    return found
