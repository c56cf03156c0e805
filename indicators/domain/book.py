"""Values over spans for one area: stored figures and formulas over them (domain.md section 4)."""

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

# What cannot be rounded to 12 places within 50 digits is no value.
_MOST_DIGITS: Final = 38


class Explained(NamedTuple):
    """A value over a span (at most 12 places), the figures behind it, and the arithmetic."""

    value: Decimal | None
    figures: tuple[Used, ...]
    formula: str


class Book:
    """The figures in force of one area, by indicator, and every value that follows from them.

    `terms` must hold every indicator asked for and the inputs of formulas; an input that it does
    not hold has no value. Methods raise KeyError for an indicator that the book does not know,
    and InvalidFormula where a formula cannot be read. `calendar` says by when figures were due,
    `coverage` by indicator how complete its sums over areas are.
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
        """The formula of an indicator, None of a stored one."""
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
        """The figures of a stored indicator that nobody posted: sums over areas, in order."""
        return sorted((each for each in self._figures.get(code, ()) if each.parts), key=lambda each: each.period)

    def value(self, code: str, period: Period) -> Decimal | None:
        """Value over a span in the unit of the indicator, None when it is not known.

        Not rounded: whoever compares or shows it rounds it.
        """
        with exact():
            return self._value(code, period)

    def explain(self, code: str, period: Period) -> Explained:
        """The value over a span with its figures and the arithmetic, enough to redo it by hand."""
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
        """Values over each span that a stored input has a figure for, in order, 12 places."""
        spans = {span for each in self.stored_inputs(code) for span in self.series(each).spans}
        with exact():
            found = [(span, self._value(code, span)) for span in sorted(spans)]
            return [(span, compared(value)) for span, value in found if value is not None]

    def stored_inputs(self, code: str) -> tuple[str, ...]:
        """The stored indicators under a formula, through nested ones; itself if it is stored."""
        return self._needed(code).stored

    def ends_inside(self, code: str, period: Period) -> list[date]:
        """Days inside a span on which a figure of a stored input ends, in order."""
        days = {d for each in self.stored_inputs(code) for d in self.series(each).ends_inside(period)}
        return sorted(days)

    def input(self, code: str, period: Period) -> Decimal:
        """Value of an input of a formula, inside `exact()`; raises ArithmeticError without one."""
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
    """Stored indicators under a formula, and whether it is shallow and free of cycles."""

    stored: tuple[str, ...]
    computable: bool


class _Inputs:
    """The inputs of one formula while it is computed."""

    __slots__ = ("known", "values")

    def __init__(self, book: Book) -> None:
        self.known = book.input
        self.values: dict[tuple[Node, Period], Decimal] = {}
