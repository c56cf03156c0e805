"""Equations of projection, required pace and the numbers beside the variance, with the numbers inserted."""

from collections.abc import Iterator
from decimal import Decimal

from indicators.domain.days import day_years_before
from indicators.domain.periods import reporting_periods
from indicators.domain.rounding import plain
from indicators.domain.vocabulary import Accumulation

from .actual import Actual
from .explanation import Equation, Known, operand
from .pace import required_pace
from .projection import project
from .season import Share
from .terms import TargetTerms
from .variance import measured_from
from .vocabulary import Goal, Profile


def outlook(basis: Known) -> Iterator[Equation]:
    """Yield the equations of variance in percent, position, projection and required pace. Call inside `exact()`."""
    yield from _beside_the_variance(basis)
    if basis.actual.through == basis.terms.period.end and not basis.actual.partial:
        return
    yield from _projected(basis)
    yield from _required(basis)


def _beside_the_variance(basis: Known) -> Iterator[Equation]:
    measured, lower, upper = basis.measured, basis.expected.lower, basis.expected.upper
    edge = measured_from(basis.terms, basis.actual, basis.expected).expected
    if measured.percent is not None and edge is not None:
        text = f"{operand(measured.variance)} / {plain(abs(edge))} * 100"
        yield Equation("variance percent", text, measured.percent)
    if measured.position is not None and lower is not None and upper is not None:
        actual, low = plain(basis.actual.value), operand(lower)
        yield Equation("position", f"({actual} - {low}) / ({plain(upper)} - {low})", measured.position)


def _projected(basis: Known) -> Iterator[Equation]:
    found = project(basis.terms, basis.indicator, basis.book, basis.actual, basis.expected, final=False)
    if found.value is None:
        return
    accumulation = basis.book.terms(basis.indicator).accumulation
    value = plain(basis.actual.value)
    if accumulation == Accumulation.SUM:
        yield from _of_flow(basis, found.value, found.low, found.high)
        return
    if accumulation == Accumulation.LAST:
        day, start = basis.terms.baseline_day, basis.terms.baseline
        if found.origin is not None:
            day, start = found.origin.end, found.origin.amount
        if start is not None and day < basis.actual.through:
            left = (basis.terms.period.end - basis.actual.through).days
            gone = (basis.actual.through - day).days
            value = f"{value} + ({value} - {operand(start)}) * {left} / {gone}"
    yield Equation("projection", value, found.value)


def _of_flow(basis: Known, value: Decimal, low: Decimal | None, high: Decimal | None) -> Iterator[Equation]:
    terms, expected, actual = basis.terms, basis.expected, operand(basis.actual.value)
    if expected.profile == Profile.MILESTONES:
        edge, due = terms.lower, expected.lower
        if terms.goal == Goal.AT_MOST:
            edge, due = terms.upper, expected.upper
        if edge is not None and due is not None:
            yield Equation("projection", f"{actual} * {operand(edge)} / {operand(due)}", value)
        return
    if not expected.shares:
        days = f"{terms.period.days} / {basis.actual.span.days}"
        yield Equation("projection", f"{actual} * {days}", value)
        return
    yield _of_share("projection", basis.actual, expected.shares[0])
    if low is not None and high is not None:
        wholes = {basis.actual.value * share.whole / share.part: share for share in expected.shares}
        yield _of_share("projection low", basis.actual, wholes[low])
        yield _of_share("projection high", basis.actual, wholes[high])


def _of_share(name: str, actual: Actual, share: Share) -> Equation:
    text = f"{operand(actual.value)} * {plain(share.whole)} / {plain(share.part)}"
    return Equation(name, text, actual.value * share.whole / share.part)


def _required(basis: Known) -> Iterator[Equation]:
    pace = required_pace(basis.terms, basis.indicator, basis.book, basis.actual)
    edges = ("lower", basis.terms.lower, pace.lower), ("upper", basis.terms.upper, pace.upper)
    for name, edge, value in edges:
        if edge is not None and value is not None:
            yield Equation(f"required {name}", _pace(basis, edge, value), value)


def _pace(basis: Known, edge: Decimal, value: Decimal) -> str:
    terms, indicator, actual = basis.terms, basis.book.terms(basis.indicator), basis.actual
    if indicator.formula:
        return _pace_of_growth(basis, edge)
    if indicator.accumulation == Accumulation.MEAN:
        days, done = terms.period.days, actual.span.days
        return f"({plain(edge)} * {days} - {operand(actual.value)} * {done}) / {days - done}"
    left = periods_left(terms, basis)
    text = f"({plain(edge)} - {operand(actual.value)}) / {left}"
    return text if value or edge == actual.value else f"max({text}, 0)"


def periods_left(terms: TargetTerms, basis: Known) -> int:
    """Count the reporting periods that end after the covered day."""
    periods = reporting_periods(terms.period, basis.book.terms(basis.indicator).frequency)
    return sum(period.end > basis.actual.through for period in periods)


def _pace_of_growth(basis: Known, edge: Decimal) -> str:
    formula = basis.book.formula(basis.indicator)
    base = formula.growth_of() if formula else None
    if base is None:
        return ""
    year = basis.terms.period.years_before(1)
    so_far = year.until(day_years_before(basis.actual.through, 1))
    whole, before = basis.book.explain(base, year).formula, basis.book.explain(base, so_far).formula
    done = basis.book.explain(base, basis.actual.span).formula
    return f"(((1 + {operand(edge)} / 100) * ({whole}) - ({done})) / (({whole}) - ({before})) - 1) * 100"
