"""Values over spans for one area, from stored figures and from formulas (domain.md section 4)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from .calendars import WEEKENDS_ONLY, Calendar
from .choices import Accumulation
from .figures import Figure, is_forecast_figure, measured_figures
from .formula_ast import MissingValueError, Node
from .formulas import Formula, computable_codes, parse_formula
from .missing_values import MissingSlug, MissingValue
from .periods import ONE_DAY, Period
from .provenance import Provenance, SourceFigure
from .regions import Completeness, is_summable
from .rounding import exact_arithmetic, round_for_comparison
from .series import FigureSeries
from .terms import IndicatorTerms
from .territory import MergedSeries, Territory

__all__ = ["ExplainedValue", "IndicatorTerms", "Provenance", "SourceFigure", "ValueResolver"]

# A number with more digits before the point cannot be rounded to 12 places within 50 digits: it is no value.
_MAX_DIGITS: Final = 38
_ALL_DAYS: Final = Period(date.min, date.max)


class ExplainedValue(NamedTuple):
    """A value over a span (at most 12 decimal places), the figures behind it, and the arithmetic as text."""

    value: Decimal | None
    figures: tuple[SourceFigure, ...]
    formula: str


class ValueResolver:
    """Computes the values of one area from its figures in force.

    `terms` must hold every requested indicator and the inputs of its formula; an input that is not in `terms`
    has no value. `figures` and `completeness` are keyed by indicator code; `completeness` says how complete the sums over
    areas are. `calendar` decides when figures were due. `forecast_sources`: the source that was posted with each
    forecast, by the id and the revision of the figure. Methods raise KeyError for an indicator that is not in
    `terms`, and InvalidFormula for a formula that cannot be parsed.
    """

    __slots__ = (
        "_dependencies",
        "_figures",
        "_has_breaks",
        "_merger",
        "_series",
        "_terms",
        "_territory",
        "_values",
        "_views",
        "calendar",
        "completeness",
        "forecast_sources",
    )

    def __init__(
        self,
        terms: Iterable[IndicatorTerms],
        figures: Mapping[str, Sequence[Figure]],
        calendar: Calendar = WEEKENDS_ONLY,
        completeness: Mapping[str, Mapping[Period, Completeness]] | None = None,
        territory: Territory | None = None,
    ) -> None:
        self.calendar = calendar
        self.completeness = completeness or {}
        self.forecast_sources: Mapping[tuple[str, int], str] = {}
        self._terms = {indicator_terms.code: indicator_terms for indicator_terms in terms}
        # Breaks of a formula itself mean nothing.
        self._has_breaks = any(term.breaks and not term.formula for term in self._terms.values())
        self._figures = figures
        self._territory = territory
        self._merger: date | None = None
        self._views: dict[date, ValueResolver] = {}
        self._series: dict[str, FigureSeries] = {}
        self._dependencies: dict[str, _FormulaDependencies] = {}
        self._values: dict[tuple[str, Period], Decimal | None] = {}

    def terms(self, code: str) -> IndicatorTerms:
        return self._terms[code]

    def has_indicator(self, code: str) -> bool:
        return code in self._terms

    def formula(self, code: str) -> Formula | None:
        """The formula of an indicator; None for a stored indicator."""
        text = self._terms[code].formula
        return parse_formula(text) if text else None

    def series(self, code: str) -> FigureSeries:
        """The figures of a stored indicator."""
        series = self._series.get(code)
        if series is None:
            terms = self._terms[code]
            series = _build_series(terms, self._figures.get(code, ()))
            if self._merger is not None and self._is_added(code):
                series = self._merge(series, terms, self._merger)
            self._series[code] = series
        return series

    def posted_figures(self, code: str) -> Sequence[Figure]:
        """All figures in force of a stored indicator, also those without a value, forecasts and sums over areas."""
        return self._figures.get(code, ())

    def forecasts(self, code: str) -> list[Figure]:
        """The forecasts in force of a stored indicator, with a value: no value is computed from them."""
        kind = self._terms[code].kind
        figures = self._figures.get(code, ())
        return [figure for figure in figures if figure.value is not None and is_forecast_figure(figure, kind)]

    def beside(self, day: date) -> "ValueResolver":
        """The resolver of the values that are put together with a figure that ends on a day: like with like.

        After a merger of areas, its spans from before the merger are sums over the territory of that day.
        """
        merger = self._territory.latest_merger(day) if self._territory else None
        if merger is None or self._merger is not None:
            return self
        if merger not in self._views:
            view = ValueResolver(self._terms.values(), self._figures, self.calendar, self.completeness, self._territory)
            view._merger, view.forecast_sources = merger, self.forecast_sources
            self._views[merger] = view
        return self._views[merger]

    def mergers_inside(self, period: Period) -> list[date]:
        """Days inside a span, but its first, on which other areas merged into this one, in order."""
        mergers = self._territory.mergers if self._territory else ()
        return [merger for merger in mergers if period.start < merger <= period.end]

    def _is_added(self, code: str) -> bool:
        """Whether the figures of areas are added up. Averages, rates, shares, ranks and indices are not."""
        return is_summable(self._terms[code].kind, self._terms[code].accumulation)

    def _merge(self, own: FigureSeries, terms: IndicatorTerms, merger: date) -> FigureSeries:
        assert self._territory is not None
        theirs = {
            area.code: _build_series(terms, self._territory.figures(area, terms.code))
            for area in self._territory.all_until(merger)
        }
        return MergedSeries(own, theirs, self._territory, merger, terms)

    def regional_sums(self, code: str) -> list[Figure]:
        """The figures of a stored indicator that are sums over areas, not posted figures, in order of period."""
        return sorted(
            (figure for figure in self._figures.get(code, ()) if figure.parts), key=lambda figure: figure.period
        )

    def value(self, code: str, period: Period) -> Decimal | None:
        """Value over a span in the unit of the indicator; None when it is not known.

        It is not rounded: the caller rounds it to compare or show it.
        """
        with exact_arithmetic():
            return self.beside(period.end)._value(code, period)

    def explain(self, code: str, period: Period) -> ExplainedValue:
        """The value over a span with its figures and arithmetic: enough to compute it again by hand."""
        with exact_arithmetic():
            view = self.beside(period.end)
            value = view._value(code, period)
            if value is None:
                return ExplainedValue(None, (), "")
            provenance = Provenance(view)
            provenance.value_of(code, period)
            text = provenance.operand_text(code, period)
            expression = text[1:-1] if text.startswith("(") else text
            return ExplainedValue(round_for_comparison(value), tuple(provenance.source_figures()), expression)

    def computed_values(self, code: str) -> list[tuple[Period, Decimal]]:
        """Values over each span for which a stored input has a figure, in order, rounded to 12 decimal places."""
        spans = {span for input_code in self.stored_inputs(code) for span in self.series(input_code).spans}
        with exact_arithmetic():
            values = [(span, self.beside(span.end)._value(code, span)) for span in sorted(spans)]
            return [(span, round_for_comparison(value)) for span, value in values if value is not None]

    def stored_inputs(self, code: str) -> tuple[str, ...]:
        """Codes of the stored indicators under a formula, through nested formulas; `code` itself if it is stored."""
        return self._dependencies_of(code).stored_codes

    def ends_inside(self, code: str, period: Period) -> list[date]:
        """Days inside a span on which a figure of a stored input ends, in order."""
        days = {day for input_code in self.stored_inputs(code) for day in self.series(input_code).ends_inside(period)}
        return sorted(days)

    def input_value(self, code: str, period: Period) -> Decimal:
        """Value of an input of a formula, inside `exact_arithmetic()`; raises MissingValueError when there is none."""
        value = self._value(code, period) if code in self._terms else None
        if value is None:
            raise MissingValueError(MissingValue(MissingSlug.INPUT_MISSING, code, period))
        return value

    def missing_reason(self, code: str, period: Period) -> MissingValue:
        """Why there is no value over a span. The reason names the stored input."""
        with exact_arithmetic():
            return self.beside(period.end)._missing_reason(code, period)

    def _missing_reason(self, code: str, period: Period) -> MissingValue:
        if not self._terms[code].formula:
            series = self.series(code)
            reason = series.missing_reason(period)
            if isinstance(series, MergedSeries):
                reason = series.merger_reason(period) or reason
            return (reason or MissingValue(MissingSlug.NOTHING_REPORTED, "", period))._replace(indicator=code)
        if not self._dependencies_of(code).is_computable:
            return MissingValue(MissingSlug.INPUT_MISSING, code, period)
        try:
            parse_formula(self._terms[code].formula).root.compute(_FormulaScope(self), period)
        except MissingValueError as error:
            return self._specific_reason(error.reason)
        except ArithmeticError:
            pass
        return MissingValue(MissingSlug.DIVISION_BY_ZERO, code, period)

    def _specific_reason(self, reason: MissingValue) -> MissingValue:
        """The reason why an input is missing, if it is another than that nothing was reported."""
        if reason.slug not in (MissingSlug.INPUT_MISSING, MissingSlug.BASE_MISSING) or reason.period is None:
            return reason
        if reason.indicator not in self._terms:
            return reason
        specific = self._missing_reason(reason.indicator, reason.period)
        is_nothing = specific.slug in (MissingSlug.NOTHING_REPORTED, MissingSlug.GAP)
        # A base is told apart from another input; a gap in it is the more specific only inside the period itself.
        return reason._replace(indicator=specific.indicator) if is_nothing else specific

    def require_comparable(self, codes: Iterable[str], earlier: Period, later: Period) -> None:
        """Raise MissingValueError when a stored input changed between two spans, or inside one of them.

        It changed at a break of the series and, if it is not added up over areas, at a merger.
        """
        if not self._has_breaks and self._merger is None:
            return
        for code in codes:
            for input_code in self.stored_inputs(code) if code in self._terms else ():
                series = self.series(input_code)
                if self._merger is not None and not self._is_added(input_code):
                    self._require_new_territory(input_code, series, (earlier, later), self._merger)
                # Of a stock only the last days of the two spans are compared.
                first = earlier.end if series.accumulation == Accumulation.LAST else earlier.start
                if day := series.find_break(first, later.end):
                    raise MissingValueError(MissingValue(MissingSlug.SERIES_BREAK, input_code, later, day))

    def is_comparable(self, code: str, earlier: Period, later: Period) -> bool:
        """Whether an indicator can be compared over two spans: see `require_comparable`."""
        try:
            self.require_comparable((code,), earlier, later)
        except MissingValueError:
            return False
        return True

    def comparable_days(self, code: str, day: date) -> Period:
        """The days around a day without a break of a stored input, or territory that is not added up, in between."""
        if not self._has_breaks and self._territory is None:
            return _ALL_DAYS
        first, last = _ALL_DAYS
        later_mergers = [merger for merger in self._territory.mergers if merger > day] if self._territory else []
        last = min((merger - ONE_DAY for merger in later_mergers), default=last)
        for input_code in self.stored_inputs(code):
            breaks = self.series(input_code).breaks
            first = max([first, *(earlier for earlier in breaks if earlier <= day)])
            last = min([last, *(later - ONE_DAY for later in breaks if later > day)])
            merger = self._merger
            if merger is not None and not self._is_added(input_code) and not self._is_restated(merger):
                first = max(first, merger)
        return Period(first, last)

    def is_of_this_territory(self, code: str, *spans: Period) -> bool:
        """Whether the values over spans are of the territory of this resolver: added up over areas, or restated."""
        merger = self._merger
        if merger is None or self._is_restated(merger):
            return True
        codes = [input_code for input_code in self.stored_inputs(code) if not self._is_added(input_code)]
        return all(
            figure.end >= merger
            for input_code in codes
            for span in spans
            for figure in self.series(input_code).figures(span)
        )

    def _is_restated(self, merger: date) -> bool:
        """Whether own figures from before a merger speak of the new territory."""
        return self._territory is not None and self._territory.is_new(merger)

    def _require_new_territory(self, code: str, series: FigureSeries, spans: Iterable[Period], merger: date) -> None:
        assert self._territory is not None
        if self._territory.is_new(merger):
            return
        for span in spans:
            if any(figure.end < merger for figure in series.figures(span)):
                raise MissingValueError(MissingValue(MissingSlug.TERRITORY_CHANGED, code, span, merger))

    def _dependencies_of(self, code: str) -> "_FormulaDependencies":
        dependencies = self._dependencies.get(code)
        if dependencies is None:
            dependencies = self._dependencies[code] = self._find_dependencies(code)
        return dependencies

    def _find_dependencies(self, code: str) -> "_FormulaDependencies":
        if not self._terms[code].formula:
            return _FormulaDependencies((code,), True)
        stored_codes, formulas, queue = set[str](), dict[str, Formula](), [code]
        while queue:
            needed_code = queue.pop()
            formula = self.formula(needed_code)
            if formula is None:
                stored_codes.add(needed_code)
            elif needed_code not in formulas:
                formulas[needed_code] = formula
                queue.extend(needed_code for needed_code in formula.inputs if needed_code in self._terms)
        return _FormulaDependencies(tuple(sorted(stored_codes)), code in computable_codes(formulas))

    def _value(self, code: str, period: Period) -> Decimal | None:
        if not self._terms[code].formula:
            return self.series(code).value(period)
        key = code, period
        if key not in self._values:
            self._values[key] = self._compute(code, period)
        return self._values[key]

    def _compute(self, code: str, period: Period) -> Decimal | None:
        if not self._dependencies_of(code).is_computable:
            return None
        try:
            value = parse_formula(self._terms[code].formula).root.compute(_FormulaScope(self), period)
        except ArithmeticError:
            return None
        return value if value.adjusted() < _MAX_DIGITS else None


def _build_series(terms: IndicatorTerms, figures: Sequence[Figure]) -> FigureSeries:
    measured = measured_figures(figures, terms.kind)
    return FigureSeries(terms.accumulation or Accumulation.NONE, measured, terms.frequency, terms.breaks)


class _FormulaDependencies(NamedTuple):
    """Stored indicators under a formula; `is_computable` is false for a cycle and for a formula nested too deeply."""

    stored_codes: tuple[str, ...]
    is_computable: bool


class _FormulaScope:
    """The EvaluationScope of one computation: `values` caches the results of time shifts."""

    __slots__ = ("require_comparable", "value_of", "values")

    def __init__(self, resolver: ValueResolver) -> None:
        self.value_of = resolver.input_value
        self.require_comparable = resolver.require_comparable
        self.values: dict[tuple[Node, Period], Decimal] = {}
