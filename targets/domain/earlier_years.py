"""Earlier years of a target: what was there on the same day, and what the whole year brought (domain.md section 6)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.choices import Accumulation
from indicators.domain.periods import ONE_DAY, Period, day_years_before
from indicators.domain.provenance import Provenance, SourceFigure
from indicators.domain.value_resolver import ValueResolver

from .actual import Actual
from .seasonality import MAX_DAYS, MAX_YEARS, SeasonalShare, earlier_share, has_figures_by, season_ends
from .terms import TargetTerms


class LineStart(NamedTuple):
    """Where a straight line begins: a value in the unit of the indicator on a day."""

    day: date
    value: Decimal


class CourseOfYear(NamedTuple):
    """A year: its value on the day (`reached`), and of an earlier year the value of the whole.

    `whole` is None for the year of the target. `start` is where a straight line of a stock begins; None: nowhere.
    """

    period: Period
    through: date
    reached: Decimal
    whole: Decimal | None = None
    start: LineStart | None = None

    @property
    def rest(self) -> Decimal:
        """What came after the day."""
        return (self.whole or Decimal(0)) - self.reached

    @property
    def share(self) -> Decimal | None:
        """The part of the whole that was there on the day; None unless both are above 0."""
        if self.whole is None or self.whole <= 0 or self.reached <= 0:
            return None
        return self.reached / self.whole


def current_year(terms: TargetTerms, actual: Actual) -> CourseOfYear:
    start = None if terms.baseline is None else LineStart(terms.baseline_day, terms.baseline)
    return CourseOfYear(terms.period, actual.through, actual.value, None, start)


def earlier_years(
    terms: TargetTerms, code: str, resolver: ValueResolver, actual: Actual, shares: Iterable[SeasonalShare] = ()
) -> list[CourseOfYear]:
    """Return up to five earlier years whose whole and value on the same day are known, the latest first.

    Of a stored indicator none that a break of the series parts from the actual. `shares`: those of the same day that the
    caller has computed already.
    """
    if terms.period.days > MAX_DAYS:
        return []
    known_shares = {share.years_before: share for share in shares}
    years = (_course_of_year(terms, code, resolver, actual, n, known_shares.get(n)) for n in range(1, MAX_YEARS + 1))
    return [year for year in years if year is not None]


def _course_of_year(
    terms: TargetTerms, code: str, resolver: ValueResolver, actual: Actual, years: int, share: SeasonalShare | None
) -> CourseOfYear | None:
    earlier, through = terms.period.years_before(years), day_years_before(actual.through, years)
    accumulation = resolver.terms(code).accumulation
    if share is not None:
        return CourseOfYear(earlier, through, share.part, share.whole)
    if accumulation is not None and not has_figures_by(resolver.series(code), earlier.end):
        return None
    first_day = through if accumulation == Accumulation.LAST else earlier.start
    if accumulation is not None and resolver.series(code).find_break(first_day, actual.through):
        return None
    if not resolver.is_of_this_territory(code, earlier, actual.span.years_before(years)):
        return None
    if accumulation == Accumulation.SUM:
        share = earlier_share(resolver.series(code), terms.period, actual.through, years)
        return None if share is None else CourseOfYear(earlier, through, share.part, share.whole)
    whole = resolver.value(code, earlier)
    reached = None if whole is None else resolver.value(code, actual.span.years_before(years))
    if whole is None or reached is None:
        return None
    start = line_start(terms, code, resolver, years) if accumulation == Accumulation.LAST else None
    if start is not None and resolver.series(code).find_break(start.day, through):
        start = None
    return CourseOfYear(earlier, through, reached, whole, start)


def line_start(terms: TargetTerms, code: str, resolver: ValueResolver, years: int) -> LineStart | None:
    """Return where the line of an earlier year begins: at a baseline of 0, else at the figure just before that year."""
    if terms.baseline is None:
        return None
    if terms.baseline == 0:
        return LineStart(day_years_before(terms.baseline_day, years), Decimal(0))
    figure = resolver.series(code).ending_on(terms.period.years_before(years).start - ONE_DAY)
    if figure is None or not resolver.is_of_this_territory(code, figure.period):
        return None
    return LineStart(figure.end, figure.numeric_value)


def sources_of_years(terms: TargetTerms, code: str, resolver: ValueResolver, actual: Actual) -> list[SourceFigure]:
    """Return the figures of the earlier years, each perhaps several times."""
    sources: list[SourceFigure] = []
    for number, year in _numbered_years(terms, code, resolver, actual):
        if resolver.terms(code).accumulation == Accumulation.SUM:
            series = resolver.series(code)
            ends = {*season_ends(series, year.period, year.through), year.period.end}
            sources += [SourceFigure(code, figure) for end in ends for figure in series.figures(year.period.until(end))]
            continue
        provenance = Provenance(resolver)
        provenance.value_of(code, year.period)
        provenance.value_of(code, actual.span.years_before(number))
        sources += provenance.source_figures()
        figure = resolver.series(code).ending_on(year.start.day) if year.start and terms.baseline else None
        sources += [] if figure is None else [SourceFigure(code, figure)]
    return sources


def _numbered_years(
    terms: TargetTerms, code: str, resolver: ValueResolver, actual: Actual
) -> list[tuple[int, CourseOfYear]]:
    years = earlier_years(terms, code, resolver, actual)
    return [(terms.period.start.year - year.period.start.year, year) for year in years]
