"""The arithmetic of an explanation, number by number: its name in words, how it came, and its value."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.choices import IndicatorKind
from kpitracker.lib.i18n.text import text
from targets.payloads.assessments import ExplainedAssessment
from targets.payloads.explanations import EquationPayload
from targets.services.text import formatting, measures

_EQUATION_LABELS = {
    "actual": text("actual", "thực hiện"),
    "expected_lower": text("due, lower edge", "cần đạt, cận dưới"),
    "expected_upper": text("due, upper edge", "cần đạt, cận trên"),
    "variance": text("variance", "chênh lệch"),
    "tolerance": text("tolerance", "sai lệch cho phép"),
    "variance_percent": text("variance in percent", "chênh lệch theo phần trăm"),
    "position": text("position in the band", "vị trí trong khoảng"),
    "outlook": text("to expect at the end", "dự kiến đến cuối kỳ"),
    "outlook_low": text("at least about", "thấp nhất khoảng"),
    "outlook_high": text("at most about", "cao nhất khoảng"),
    "same_period": text("the same span a year before", "cùng kỳ năm trước"),
    "same_period_change": text("change since", "thay đổi so với cùng kỳ"),
    "percent_of_target": text("percent of the target", "phần trăm kế hoạch"),
    "required_lower": text("needed for the lower edge", "mức cần cho cận dưới"),
    "required_upper": text("needed for the upper edge", "mức cần cho cận trên"),
}
# In percent, or a part of the band: the decimals of the indicator say nothing of these.
_RELATIVE_NAMES = ("variance_percent", "same_period_change", "percent_of_target", "position")
_RELATIVE_PLACES = 2
_DIFFERENCE_NAMES = ("variance", "tolerance")
# What is done or not done has no distance.
_NAMES_OF_NUMBERS = (*_DIFFERENCE_NAMES, "variance_percent", "position", "percent_of_target", "same_period_change")


class EquationRow(NamedTuple):
    """A number and how it came. `expression` is empty where it would only repeat the value."""

    name: str
    expression: str
    value: str

    def __str__(self) -> str:
        return " = ".join(part for part in self if part)


def equation_rows(status: ExplainedAssessment, equations: Iterable[EquationPayload]) -> Iterator[EquationRow]:
    """The rows of these equations, rounded as the numbers of the status are shown."""
    kind = status["explanation"]["indicators"][0]["kind"]
    for equation in equations:
        if kind == IndicatorKind.YES_NO and equation["name"] in _NAMES_OF_NUMBERS:
            continue
        name, exact_value = _EQUATION_LABELS[equation["name"]], formatting.format_number(equation["value"])
        places = measures.status_places(status)
        if equation["name"] in _RELATIVE_NAMES:
            places = max(places, _RELATIVE_PLACES)
        value = formatting.format_number(equation["value"], places)
        if equation["name"] in _DIFFERENCE_NAMES:
            value = formatting.format_difference(status, Decimal(equation["value"]), places, kind)
        if kind == IndicatorKind.YES_NO:
            yield EquationRow(str(name), "", measures.format_measure(status, equation["value"]))
            continue
        expression = formatting.format_expression(equation["expression"])
        yield EquationRow(str(name), "" if expression in (value, exact_value) else expression, value)
