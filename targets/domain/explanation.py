"""An assessment as arithmetic with the numbers inserted, so that it can be recomputed by hand."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.book import Book
from indicators.domain.rounding import compared, exact, plain

from .actual import Actual
from .lines import Segment, lower_segment, upper_segment
from .profiles import Expected
from .terms import TargetTerms
from .variance import Edge, Measured, measured_from, percent_of_tolerance
from .vocabulary import Profile


class Equation(NamedTuple):
    """A value and the expression it results from. Without a computation the expression is the value."""

    name: str
    expression: str
    value: Decimal

    def __str__(self) -> str:
        result = plain(compared(self.value))
        shown = result if self.expression == result else f"{self.expression} = {result}"
        return f"{self.name} = {shown}"


class Known(NamedTuple):
    """The inputs of the assessment of a target with an actual."""

    terms: TargetTerms
    indicator: str
    book: Book
    actual: Actual
    expected: Expected
    measured: Measured


class Basis(NamedTuple):
    """The inputs of an assessment; without a value only the first three are set."""

    terms: TargetTerms
    indicator: str
    book: Book
    actual: Actual | None = None
    expected: Expected | None = None
    measured: Measured | None = None

    def known(self) -> Known | None:
        if self.actual is None or self.expected is None or self.measured is None:
            return None
        return Known(self.terms, self.indicator, self.book, self.actual, self.expected, self.measured)

    def spelled(self) -> str:
        """Return the equations joined by "; ", with results rounded half up to 12 places."""
        with exact():
            known = self.known()
            return "" if known is None else "; ".join(map(str, equations(known)))


def equations(basis: Known) -> Iterator[Equation]:
    """Yield the equations of actual, expected edges, variance and tolerance. Call inside `exact()`."""
    actual = basis.book.explain(basis.indicator, basis.actual.span)
    yield Equation("actual", actual.formula, basis.actual.value)
    lower, upper = basis.expected.lower, basis.expected.upper
    if lower is not None and basis.terms.lower is not None:
        yield Equation("expected lower", _edge(basis, basis.terms.lower, upper=False), lower)
    if upper is not None and basis.terms.upper is not None:
        yield Equation("expected upper", _edge(basis, basis.terms.upper, upper=True), upper)
    edge = measured_from(basis.terms, basis.actual, basis.expected)
    value = plain(basis.actual.value)
    if edge.expected is not None:
        text = f"{value} - {operand(edge.expected)}"
        yield Equation("variance", text, basis.measured.variance)
    yield from _tolerance(basis, edge)


def operand(value: Decimal) -> str:
    """Format a number as the right operand of a sign: in parentheses if it is negative."""
    return f"({plain(value)})" if value < 0 else plain(value)


def _edge(basis: Known, edge: Decimal, *, upper: bool) -> str:
    terms, expected = basis.terms, basis.expected
    days = f"{terms.period.until(basis.actual.through).days} / {terms.period.days}"
    match expected.profile:
        case Profile.SEASONAL:
            share = expected.shares[0]
            return f"{plain(edge)} * {plain(compared(share.part))} / {plain(share.whole)}"
        case Profile.EVEN:
            return f"{plain(edge)} * {days}"
        case Profile.PATH:
            base = plain(terms.baseline or Decimal(0))
            return f"{base} + ({plain(edge)} - {operand(terms.baseline or Decimal(0))}) * {days}"
        case Profile.MILESTONES:
            return _on_line(basis, upper=upper)
    return plain(edge)


def _on_line(basis: Known, *, upper: bool) -> str:
    find = upper_segment if upper else lower_segment
    line = find(basis.terms, basis.book.terms(basis.indicator), basis.actual.through)
    return "" if line is None else _spell_line(line, (basis.actual.through - line.first).days)


def _spell_line(line: Segment, days: int) -> str:
    if line.low == line.high:
        return plain(line.high)
    rise = f"({plain(line.high)} - {operand(line.low)})"
    return f"{plain(line.low)} + {rise} * {days} / {(line.last - line.first).days}"


def _tolerance(basis: Known, edge: Edge) -> Iterator[Equation]:
    terms, tolerance = basis.terms, basis.measured.tolerance
    if tolerance is None or edge.expected is None or edge.plain is None:
        return
    if terms.tolerance is not None:
        yield Equation("tolerance", plain(tolerance), tolerance)
        return
    percent, of = percent_of_tolerance(terms, basis.expected.profile)
    base = plain(abs(edge.expected))
    if of == "distance":
        base = f"|{plain(edge.plain)} - {operand(terms.baseline or Decimal(0))}|"
    yield Equation("tolerance", f"{plain(percent)} / 100 * {base}", tolerance)
