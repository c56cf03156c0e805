"""The assessment of a target on a day: status, numbers and reason (domain.md section 6)."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from indicators.domain.accounts import Account, Used, in_order
from indicators.domain.book import Book
from indicators.domain.periods import Period
from indicators.domain.rounding import exact
from indicators.domain.vocabulary import Accumulation, Frequency, Stage

from .actual import Actual, actual_of
from .explanation import Basis
from .freshness import freshness
from .judgements import Judgement
from .milestones import milestones_reached
from .pace import Pace, required_pace
from .profiles import declared_profile, expected_at
from .projection import Projection, project
from .season import Share
from .status import Facts, judge, without_value
from .terms import Milestone, TargetTerms
from .variance import measure
from .vocabulary import Profile, Rule, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Numbers are in the unit of the indicator, those ending in _percent in percent.

    Numbers that are compared are rounded to 12 places, all others are exact. Without a value all numbers and
    `covered_through` are None.
    """

    status: Status
    rule: Rule
    final: bool = False
    provisional: bool = False
    actual: Decimal | None = None
    covered_through: date | None = None
    partial: bool = False
    gaps: tuple[Period, ...] = ()
    profile: Profile
    fallback: bool = False
    interpolated: bool = False
    expected_lower: Decimal | None = None
    expected_upper: Decimal | None = None
    variance: Decimal | None = None
    variance_percent: Decimal | None = None
    shortfall: Decimal | None = None
    position: Decimal | None = None
    tolerance: Decimal | None = None
    projection: Decimal | None = None
    projection_low: Decimal | None = None
    projection_high: Decimal | None = None
    required_lower: Decimal | None = None
    required_upper: Decimal | None = None
    required_per: Frequency | None = None
    best_ever: Decimal | None = None
    out_of_reach: bool | None = None
    expected_through: date | None
    overdue: bool
    next_due: date | None
    milestones: tuple[tuple[Milestone, bool | None], ...] = ()
    figures: tuple[Used, ...] = ()
    judgement: Judgement | None = None
    basis: Basis | None = field(default=None, compare=False, repr=False)

    @property
    def formula(self) -> str:
        """The arithmetic with the numbers inserted; computed at each access."""
        return "" if self.basis is None else self.basis.spelled()


def assess(
    *, terms: TargetTerms, indicator: str, book: Book, as_of: date, judgement: Judgement | None = None
) -> Assessment:
    """Assess a target by the figures in force on a day, which the resolver holds; a qualitative one by its judgement.

    The terms must have passed `checks.find_problems`. The resolver must hold the indicator and its inputs. The judgement
    is the one in force on that day.
    """
    with exact():
        if terms.qualitative and judgement is not None:
            return _judged(terms, indicator, book, as_of, judgement)
        actual = None if terms.qualitative else actual_of(book, indicator, terms.period)
        if actual is None:
            return _without_value(terms, indicator, book, as_of)
        return _with_value(terms, indicator, book, as_of, actual)


def _judged(terms: TargetTerms, code: str, book: Book, as_of: date, judgement: Judgement) -> Assessment:
    indicator = book.terms(code)
    fresh = freshness(terms, indicator, judgement.day, as_of, book.calendar)
    return Assessment(
        status=judgement.status,
        rule=Rule.JUDGED,
        profile=declared_profile(terms, indicator),
        expected_through=fresh.expected_through,
        overdue=fresh.overdue and not judgement.lasts,
        next_due=fresh.next_due,
        judgement=judgement,
    )


def _without_value(terms: TargetTerms, code: str, book: Book, as_of: date) -> Assessment:
    indicator = book.terms(code)
    fresh = freshness(terms, indicator, None, as_of, book.calendar)
    verdict = without_value(first_due_passed=fresh.first_passed)
    return Assessment(
        status=verdict.status,
        rule=verdict.rule,
        profile=declared_profile(terms, indicator),
        gaps=_gaps(terms, code, book, None),
        expected_through=fresh.expected_through,
        overdue=fresh.overdue,
        next_due=fresh.next_due,
        milestones=milestones_reached(terms, code, book, None),
        basis=Basis(terms, code, book),
    )


def _with_value(terms: TargetTerms, code: str, book: Book, as_of: date, actual: Actual) -> Assessment:
    indicator = book.terms(code)
    expected = expected_at(terms, code, book, actual.through)
    measured = measure(terms, indicator.kind, actual, expected)
    final = actual.through == terms.period.end and not actual.partial
    fresh = freshness(terms, indicator, actual.through, as_of, book.calendar)
    growing = indicator.accumulation == Accumulation.SUM and all(
        figure.amount >= 0 for figure in book.series(code).figures(actual.span)
    )
    projection = project(terms, code, book, actual, expected, final=final)
    pace = Pace() if final else required_pace(terms, code, book, actual)
    figures = _figures(code, book, actual, projection, pace, () if final else expected.shares)
    facts = Facts(terms, indicator.kind, actual, expected, measured, final, growing, fresh.last_passed)
    verdict = judge(facts)
    return Assessment(
        status=verdict.status,
        rule=verdict.rule,
        final=final,
        provisional=any(used.figure.stage != Stage.OFFICIAL for used in figures),
        actual=actual.value,
        covered_through=actual.through,
        partial=actual.partial,
        gaps=_gaps(terms, code, book, actual.through),
        profile=expected.profile,
        fallback=expected.fallback,
        interpolated=expected.interpolated,
        expected_lower=expected.lower,
        expected_upper=expected.upper,
        variance=measured.variance,
        variance_percent=measured.percent,
        shortfall=measured.shortfall,
        position=measured.position,
        tolerance=measured.tolerance,
        projection=projection.value,
        projection_low=projection.low,
        projection_high=projection.high,
        required_lower=pace.lower,
        required_upper=pace.upper,
        required_per=pace.per,
        best_ever=pace.best_ever,
        out_of_reach=pace.out_of_reach,
        expected_through=fresh.expected_through,
        overdue=fresh.overdue,
        next_due=fresh.next_due,
        milestones=milestones_reached(terms, code, book, actual.through),
        figures=figures,
        basis=Basis(terms, code, book, actual, expected, measured),
    )


def _figures(
    code: str,
    book: Book,
    actual: Actual,
    projection: Projection,
    pace: Pace,
    shares: tuple[Share, ...],
) -> tuple[Used, ...]:
    """Return every figure used, without duplicates, ordered by span."""
    account = Account(book)
    account.known(code, actual.span)
    for other, span in pace.looked_up:
        account.known(other, span)
    used = account.used()
    further = [each for share in shares for each in share.used(code)]
    if projection.origin is not None:
        further.append(Used(code, projection.origin))
    return tuple(in_order({*used, *further}) if further else used)


def _gaps(terms: TargetTerms, code: str, book: Book, through: date | None) -> tuple[Period, ...]:
    if book.terms(code).accumulation not in (Accumulation.SUM, Accumulation.MEAN):
        return ()
    return book.series(code).gaps(terms.period, through)
