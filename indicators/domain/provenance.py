"""Provenance of a value: the figures behind it and the arithmetic with the numbers filled in."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple, Protocol

from .choices import Accumulation
from .figures import Figure
from .formula_ast import Node
from .formulas import Formula
from .periods import Period
from .rounding import to_plain_string
from .series import FigureSeries


class SourceFigure(NamedTuple):
    """A figure that a value was computed from, with the code of its indicator."""

    indicator: str
    figure: Figure


class ValueSource(Protocol):
    """What Provenance needs of a ValueResolver."""

    def formula(self, code: str) -> Formula | None: ...

    def series(self, code: str) -> FigureSeries: ...

    def input_value(self, code: str, period: Period) -> Decimal: ...


class Provenance:
    """Computes a value again and records what it was computed from. Use it only for values that exist."""

    __slots__ = ("_source", "_spans", "texts", "values")

    def __init__(self, source: ValueSource) -> None:
        self._source = source
        self._spans: dict[tuple[str, Period], Decimal] = {}
        self.values: dict[tuple[Node, Period], Decimal] = {}
        self.texts: dict[tuple[Node, Period], str] = {}

    def value_of(self, code: str, period: Period) -> Decimal:
        """Value over a span; records the span. Raises ArithmeticError when there is no value."""
        value = self._spans.get((code, period))
        if value is None:
            formula = self._source.formula(code)
            value = self._source.input_value(code, period) if formula is None else formula.root.compute(self, period)
            self._spans[code, period] = value
        return value

    def require_comparable(self, codes: Iterable[str], earlier: Period, later: Period) -> None:
        """A value that exists was computed from comparable spans."""

    def operand_text(self, code: str, period: Period) -> str:
        """The arithmetic of a value as the text of one operand; raises ArithmeticError when there is no value."""
        formula = self._source.formula(code)
        if formula is not None:
            return formula.root.to_text(self, period)
        return format_figures(self._source.series(code), period)

    @property
    def span_values(self) -> list[tuple[str, Period, Decimal]]:
        """The recorded (indicator code, span, value) rows, by last day, first day and code."""
        rows = ((code, period, value) for (code, period), value in self._spans.items())
        return sorted(rows, key=lambda row: (row[1].end, row[1].start, row[0]))

    def source_figures(self) -> list[SourceFigure]:
        """The figures behind the recorded spans, each once, by span."""
        figures_by_key = {
            (code, figure.start, figure.end): SourceFigure(code, figure)
            for code, period in self._spans
            if self._source.formula(code) is None
            for figure in self._source.series(code).figures(period)
        }
        return sort_source_figures(figures_by_key.values())


def sort_source_figures(source_figures: Iterable[SourceFigure]) -> list[SourceFigure]:
    """Sort by last day, first day and indicator code."""
    return sorted(source_figures, key=attrgetter("figure.end", "figure.start", "indicator"))


def format_figures(series: FigureSeries, period: Period) -> str:
    """A stored value as the text of one operand: a number, a sum or a difference in parentheses, or a weighted mean."""
    figures = series.figures(period)
    if len(figures) == 1:
        return to_plain_string(figures[0].numeric_value)
    if series.accumulation == Accumulation.MEAN:
        weights = series.weights(figures)
        parts = " + ".join(
            f"{to_plain_string(figure.numeric_value)} * {weight}"
            for figure, weight in zip(figures, weights, strict=True)
        )
        return f"(({parts}) / {sum(weights)})"
    if period.end not in series.tilings(period) and (difference := series.difference(period)) is not None:
        return f"({_format_sum(difference.whole.figures())} - {_format_sum(difference.part.figures())})"
    return _format_sum(figures)


def _format_sum(figures: Sequence[Figure]) -> str:
    """A number that is not negative as it is; a sum, or a negative number, in parentheses."""
    text = " + ".join(to_plain_string(figure.numeric_value) for figure in figures)
    return f"({text})" if len(figures) > 1 or text.startswith("-") else text
