"""Numbers of one assessment with their unit, in the active language, with as many places as tell them apart."""

from decimal import Decimal

from kpitracker.lib.i18n.text import translate
from targets.payloads.assessments import ExplainedAssessment
from targets.services.text import formatting


def format_measure(status: ExplainedAssessment, value: str | None, *, exact: bool = False) -> str:
    """Return a number of this target with its unit. `exact`: one that was decided, such as an edge, is not rounded."""
    if value is None:
        return "–"
    formatted = formatting.format_number(value, 12 if exact else status_places(status))
    if status["explanation"]["indicators"][0]["kind"] == "yes_no":
        return _done_phrase(value, formatted)
    return formatting.format_amount(formatted, formatting.shown_unit(status))


def format_span(status: ExplainedAssessment, lower: str, upper: str) -> str:
    """Return `950 to 1,000 billion VND`. Only the last number has the unit, except ranks."""
    first, last = format_measure(status, lower), format_measure(status, upper)
    if not formatting.is_rank(status):
        first = formatting.format_number(lower, status_places(status))
    return translate(f"{first} to {last}", f"{first} đến {last}")


def format_distance(status: ExplainedAssessment, distance: Decimal) -> str:
    """Return a distance from an edge: in percentage points for percent, in places for ranks."""
    formatted = formatting.format_number(format(distance, "f"), status_places(status))
    if formatting.is_rank(status):
        return translate(f"{formatted} {'place' if distance == 1 else 'places'}", f"{formatted} bậc")
    return formatting.format_amount(formatted, formatting.shown_variance_unit(status))


def status_places(status: ExplainedAssessment) -> int:
    """With how many decimal places the numbers of this status are shown."""
    explanation = status["explanation"]
    edges = explanation["terms"]["lower"], explanation["terms"]["upper"]
    return formatting.assessment_places(status, explanation["indicators"][0]["decimals"], *edges)


def _done_phrase(value: str, fallback: str) -> str:
    phrases = {"1": translate("done", "đã xong"), "0": translate("not done", "chưa xong")}
    return phrases.get(value, fallback)
