"""Values over spans for one area, from stored figures and from formulas (domain.md section 4)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from .accounts import Account, Used
from .calendars import WEEKENDS_ONLY, Calendar
from .figures import Figure
from .formulas import Formula, parse, within_depth
from .nodes import Node, NoValue
from .periods import Period
from .regions import Coverage
from .rounding import compared, exact
from .series import Series
from .terms import IndicatorTerms
from .vocabulary import Accumulation

__all__ = ["Account", "Book", "Explained", "IndicatorTerms", "Used"]

# A number with more digits before the point cannot be rounded to 12 places within 50 digits: it is no value.
_MOST_DIGITS: Final = 38


class Explained(NamedTuple):
    """A value over a span (at most 12 decimal places), the figures behind it, and the arithmetic as text."""

    value: Decimal | None
    figures: tuple[Used, ...]
    formula: str


class Book:
    """Computes the values of one area from its figures in force.

    `terms` must hold every requested indicator and the inputs of its formula; an input that is not in `terms`
    has no value. `figures` and `coverage` are keyed by indicator code; `coverage` says how complete the sums over
    areas are. `calendar` decides when figures were due. Methods raise KeyError for an indicator that is not in
    `terms`, and InvalidFormula for a formula that cannot be parsed.
    """

    __slots__ = ("_figures", "_needs", "_series", "_terms", "_values", "calendar", "coverage")

    def __init__(
        self,
        terms: Iterable[IndicatorTerms],
        figures: Mapping[str, Sequence[Figure]],
        calendar: Calendar = WEEKENDS_ONLY,
        coverage: Mapping[str, Mapping[Period, Coverage]] | None = None,
    ) -> None:
        self.calendar = calendar
        self.coverage = coverage or {}
        self._terms = {each.code: each for each in terms}
        self._figures = figures
        self._series: dict[str, Series] = {}
        self._needs: dict[str, _Needs] = {}
        self._values: dict[tuple[str, Period], Decimal | None] = {}

    def terms(self, code: str) -> IndicatorTerms:
        return self._terms[code]

    def knows(self, code: str) -> bool:
        return code in self._terms

    def formula(self, code: str) -> Formula | None:
        """The formula of an indicator; None for a stored indicator."""
        text = self._terms[code].formula
        return parse(text) if text else None

    def series(self, code: str) -> Series:
        """The figures of a stored indicator."""
        series = self._series.get(code)
        if series is None:
            accumulation = self._terms[code].accumulation or Accumulation.NONE
            series = self._series[code] = Series(accumulation, self._figures.get(code, ()))
        return series

    def sums(self, code: str) -> list[Figure]:
        """The figures of a stored indicator that are sums over areas, not posted figures, in order of period."""
        return sorted((each for each in self._figures.get(code, ()) if each.parts), key=lambda each: each.period)

    def value(self, code: str, period: Period) -> Decimal | None:
        """Value over a span in the unit of the indicator; None when it is not known.

        It is not rounded: the caller rounds it to compare or show it.
        """
        with exact():
            return self._value(code, period)

    def explain(self, code: str, period: Period) -> Explained:
        """The value over a span with its figures and arithmetic: enough to compute it again by hand."""
        with exact():
            value = self._value(code, period)
            if value is None:
                return Explained(None, (), "")
            account = Account(self)
            account.known(code, period)
            text = account.spelled(code, period)
            bare = text[1:-1] if text.startswith("(") else text
            return Explained(compared(value), tuple(account.used()), bare)

    def computed(self, code: str) -> list[tuple[Period, Decimal]]:
        """Values over each span for which a stored input has a figure, in order, rounded to 12 decimal places."""
        spans = {span for each in self.stored_inputs(code) for span in self.series(each).spans}
        with exact():
            found = [(span, self._value(code, span)) for span in sorted(spans)]
            return [(span, compared(value)) for span, value in found if value is not None]

    def stored_inputs(self, code: str) -> tuple[str, ...]:
        """Codes of the stored indicators under a formula, through nested formulas; `code` itself if it is stored."""
        return self._needed(code).stored

    def ends_inside(self, code: str, period: Period) -> list[date]:
        """Days inside a span on which a figure of a stored input ends, in order."""
        days = {d for each in self.stored_inputs(code) for d in self.series(each).ends_inside(period)}
        return sorted(days)

    def input(self, code: str, period: Period) -> Decimal:
        """Value of an input of a formula, inside `exact_arithmetic()`; raises MissingValueError when there is none."""
        value = self._value(code, period) if code in self._terms else None
        if value is None:
            raise NoValue(code)
        return value

    def _needed(self, code: str) -> "_Needs":
        needs = self._needs.get(code)
        if needs is None:
            needs = self._needs[code] = self._walk(code)
        return needs

    def _walk(self, code: str) -> "_Needs":
        if not self._terms[code].formula:
            return _Needs((code,), True)
        stored, formulas, waiting = set[str](), dict[str, Formula](), [code]
        while waiting:
            each = waiting.pop()
            formula = self.formula(each)
            if formula is None:
                stored.add(each)
            elif each not in formulas:
                formulas[each] = formula
                waiting.extend(each for each in formula.inputs if each in self._terms)
        return _Needs(tuple(sorted(stored)), code in within_depth(formulas))

    def _value(self, code: str, period: Period) -> Decimal | None:
        if not self._terms[code].formula:
            return self.series(code).value(period)
        key = code, period
        if key not in self._values:
            self._values[key] = self._compute(code, period)
        return self._values[key]

    def _compute(self, code: str, period: Period) -> Decimal | None:
        if not self._needed(code).computable:
            return None
        try:
            value = parse(self._terms[code].formula).root.compute(_Inputs(self), period)
        except ArithmeticError:
            return None
        return value if value.adjusted() < _MOST_DIGITS else None


class _Needs(NamedTuple):
    """Stored indicators under a formula; `is_computable` is false for a cycle and for a formula nested too deeply."""

    stored: tuple[str, ...]
    computable: bool


class _Inputs:
    """The EvaluationScope of one computation: `values` caches the results of time shifts."""

    __slots__ = ("known", "values")

    def __init__(self, book: Book) -> None:
        self.known = book.input
        self.values: dict[tuple[Node, Period], Decimal] = {}
