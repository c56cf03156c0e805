"""An assessment as arithmetic with the numbers put in, enough to redo it by hand."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.book import Book
from indicators.domain.rounding import compared, exact, plain

from .actual import Actual
from .lines import Segment, lower_segment, upper_segment
from .profiles import Expected
from .terms import TargetTerms
from .variance import DEFAULT_OF_PATH, DEFAULT_TOLERANCE, Edge, Measured, measured_from
from .vocabulary import Profile


class Basis(NamedTuple):
    """What an assessment was computed from."""

    terms: TargetTerms
    indicator: str
    book: Book
    actual: Actual
    expected: Expected
    measured: Measured

    def spelled(self) -> str:
        """Equations joined by "; ", their results rounded half up to 12 places."""
        with exact():
            return "; ".join(_equations(self))


def _equations(basis: Basis) -> Iterator[str]:
    actual = basis.book.explain(basis.indicator, basis.actual.span)
    yield _equation("actual", actual.formula, basis.actual.value)
    lower, upper = basis.expected.lower, basis.expected.upper
    if lower is not None and basis.terms.lower is not None:
        yield _equation("expected lower", _edge(basis, basis.terms.lower, upper=False), lower)
    if upper is not None and basis.terms.upper is not None:
        yield _equation("expected upper", _edge(basis, basis.terms.upper, upper=True), upper)
    edge = measured_from(basis.terms, basis.actual, basis.expected)
    value = plain(basis.actual.value)
    if edge.expected is not None:
        text = f"{value} - {_operand(edge.expected)}"
        yield _equation("variance", text, basis.measured.variance)
    yield from _tolerance(basis, edge)


def _equation(name: str, text: str, value: Decimal) -> str:
    result = plain(compared(value))
    return f"{name} = {result}" if text == result else f"{name} = {text} = {result}"


def _operand(value: Decimal) -> str:
    return f"({plain(value)})" if value < 0 else plain(value)


def _edge(basis: Basis, edge: Decimal, *, upper: bool) -> str:
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
            return f"{base} + ({plain(edge)} - {_operand(terms.baseline or Decimal(0))}) * {days}"
        case Profile.MILESTONES:
            return _on_line(basis, upper=upper)
    return plain(edge)


def _on_line(basis: Basis, *, upper: bool) -> str:
    find = upper_segment if upper else lower_segment
    line = find(basis.terms, basis.book.terms(basis.indicator), basis.actual.through)
    return "" if line is None else _spell_line(line, (basis.actual.through - line.first).days)


def _spell_line(line: Segment, days: int) -> str:
    if line.low == line.high:
        return plain(line.high)
    rise = f"({plain(line.high)} - {_operand(line.low)})"
    return f"{plain(line.low)} + {rise} * {days} / {(line.last - line.first).days}"


def _tolerance(basis: Basis, edge: Edge) -> Iterator[str]:
    terms, tolerance = basis.terms, basis.measured.tolerance
    if tolerance is None or edge.expected is None or edge.plain is None:
        return
    if terms.tolerance is not None:
        yield _equation("tolerance", plain(tolerance), tolerance)
        return
    on_path = basis.expected.profile == Profile.PATH
    default = DEFAULT_OF_PATH if on_path else DEFAULT_TOLERANCE
    percent = plain(default if terms.tolerance_percent is None else terms.tolerance_percent)
    base = plain(abs(edge.expected))
    if on_path:
        base = f"|{plain(edge.plain)} - {_operand(terms.baseline or Decimal(0))}|"
    yield _equation("tolerance", f"{percent} / 100 * {base}", tolerance)
