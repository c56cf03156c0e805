"""Numbers of one assessment with their unit, in the active language, with as many places as tell them apart."""

from decimal import Decimal

from kpitracker.lib.i18n.text import translate
from targets.domain.choices import Goal
from targets.payloads.assessments import ExplainedAssessment
from targets.services.text import formatting
from targets.services.text.promises import exclude_lower, exclude_upper


def format_measure(status: ExplainedAssessment, value: str | None, *, exact: bool = False) -> str:
    """Return a number of this target with its unit. `exact`: one that was decided, such as an edge, is not rounded."""
    return formatting.format_measured(status, value, 12 if exact else status_places(status), _kind(status))


def format_span(
    status: ExplainedAssessment, lower: str, upper: str, *, lower_open: bool = False, upper_open: bool = False
) -> str:
    """Return `950 to 1,000 billion VND`. Only the last number has the unit, except ranks. An open edge says so."""
    first, last = format_measure(status, lower), format_measure(status, upper)
    if not formatting.is_rank(status):
        first = formatting.format_number(lower, status_places(status))
    first, last = exclude_lower(first) if lower_open else first, exclude_upper(last) if upper_open else last
    return translate(f"{first} to {last}", f"{first} đến {last}")


def format_expected(status: ExplainedAssessment) -> str:
    """Return what corresponds to the promise by the day that the figures reach, with the ambition: `less than 4 %`."""
    terms, texts = status["explanation"]["terms"], []
    if (lower := status["expected"]["lower"]) is not None:
        edge = format_measure(status, lower)
        texts.append(exclude_lower(edge) if terms["lower_open"] and terms["goal"] != Goal.AT_MOST else edge)
    if (upper := status["expected"]["upper"]) is not None:
        edge, is_open = format_measure(status, upper), terms["upper_open"] and terms["goal"] != Goal.AT_LEAST
        texts.append(exclude_upper(edge, is_rank=formatting.is_rank(status)) if is_open else edge)
    return " – ".join(texts)


def format_distance(status: ExplainedAssessment, distance: Decimal, *, exact: bool = False) -> str:
    """Return a distance from an edge: in percentage points for percent, in places for ranks."""
    return formatting.format_difference(status, distance, 12 if exact else status_places(status), _kind(status))


def status_places(status: ExplainedAssessment) -> int:
    """With how many decimal places the numbers of this status are shown."""
    explanation = status["explanation"]
    edges = explanation["terms"]["lower"], explanation["terms"]["upper"]
    return formatting.assessment_places(status, explanation["indicators"][0]["decimals"], *edges)


def _kind(status: ExplainedAssessment) -> str:
    return status["explanation"]["indicators"][0]["kind"]
