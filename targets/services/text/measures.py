"""Numbers of one assessment with their unit, in the active language, with as many places as tell them apart."""

from decimal import Decimal

from kpitracker.lib.i18n.text import translate
from targets.payloads.assessments import ExplainedAssessment
from targets.services.text import formatting


def format_measure(status: ExplainedAssessment, value: str | None, *, exact: bool = False) -> str:
    """Return a number of this target with its unit. `exact`: one that was decided, such as an edge, is not rounded."""
    return formatting.format_measured(status, value, 12 if exact else status_places(status), _kind(status))


def format_span(status: ExplainedAssessment, lower: str, upper: str) -> str:
    """Return `950 to 1,000 billion VND`. Only the last number has the unit, except ranks."""
    first, last = format_measure(status, lower), format_measure(status, upper)
    if not formatting.is_rank(status):
        first = formatting.format_number(lower, status_places(status))
    return translate(f"{first} to {last}", f"{first} đến {last}")


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
