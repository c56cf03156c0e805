"""Provenance of a value: the figures behind it and the arithmetic with the numbers filled in."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple, Protocol

from .figures import Figure
from .formulas import Formula
from .nodes import Node
from .periods import Period
from .rounding import plain
from .series import Series
from .vocabulary import Accumulation


class Used(NamedTuple):
    """A figure that a value was computed from, with the code of its indicator."""

    indicator: str
    figure: Figure


class Source(Protocol):
    """What Provenance needs of a ValueResolver."""

    def formula(self, code: str) -> Formula | None: ...

    def series(self, code: str) -> Series: ...

    def input(self, code: str, period: Period) -> Decimal: ...


class Account:
    """Computes a value again and records what it was computed from. Use it only for values that exist."""

    __slots__ = ("_source", "_spans", "texts", "values")

    def __init__(self, source: Source) -> None:
        self._source = source
        self._spans: dict[tuple[str, Period], Decimal] = {}
        self.values: dict[tuple[Node, Period], Decimal] = {}
        self.texts: dict[tuple[Node, Period], str] = {}

    def known(self, code: str, period: Period) -> Decimal:
        """Value over a span; records the span. Raises ArithmeticError when there is no value."""
        noted = self._spans.get((code, period))
        if noted is None:
            formula = self._source.formula(code)
            noted = self._source.input(code, period) if formula is None else formula.root.compute(self, period)
            self._spans[code, period] = noted
        return noted

    def spelled(self, code: str, period: Period) -> str:
        """The arithmetic of a value as the text of one operand; raises ArithmeticError when there is no value."""
        formula = self._source.formula(code)
        if formula is not None:
            return formula.root.spell(self, period)
        return spell_figures(self._source.series(code), period)

    @property
    def spans(self) -> list[tuple[str, Period, Decimal]]:
        """The recorded (indicator code, span, value) rows, by last day, first day and code."""
        found = ((code, period, value) for (code, period), value in self._spans.items())
        return sorted(found, key=lambda each: (each[1].end, each[1].start, each[0]))

    def used(self) -> list[Used]:
        """The figures behind the recorded spans, each once, by span."""
        found = {
            (code, figure.start, figure.end): Used(code, figure)
            for code, period in self._spans
            if self._source.formula(code) is None
            for figure in self._source.series(code).figures(period)
        }
        return in_order(found.values())


def in_order(used: Iterable[Used]) -> list[Used]:
    """Sort by last day, first day and indicator code."""
    return sorted(used, key=lambda each: (each.figure.end, each.figure.start, each.indicator))


def spell_figures(series: Series, period: Period) -> str:
    """A stored value as the text of one operand: a number, a sum in parentheses, or a weighted mean."""
    figures = series.figures(period)
    if len(figures) == 1:
        return plain(figures[0].amount)
    if series.accumulation == Accumulation.MEAN:
        parts = " + ".join(f"{plain(each.amount)} * {each.days}" for each in figures)
        return f"(({parts}) / {period.days})"
    return f"({' + '.join(plain(each.amount) for each in figures)})"
