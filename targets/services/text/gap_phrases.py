"""How far the actual value lies from the promise, as a phrase in the active language."""

from decimal import Decimal

from kpitracker.lib.i18n.text import translate
from targets.domain.choices import Goal, Status, StatusRule
from targets.payloads.assessments import ExplainedAssessment
from targets.services.text.formatting import is_rank
from targets.services.text.measures import format_distance


def describe_gap(status: ExplainedAssessment, actual: str, is_final: bool) -> str:
    """Return the distance between the actual value and the promise; "" if there is none to report."""
    rule = status["rule"]
    if rule in (StatusRule.ON_OPEN_EDGE, StatusRule.ON_THE_EDGE):
        return _on_edge_phrase(status, Decimal(actual))
    if rule.endswith("beyond-ambition"):
        return _beyond_ambition(status, Decimal(actual))
    if status["explanation"]["indicators"][0]["kind"] == "yes_no":
        return ""
    is_above, distance = _distance_to_edge(status, Decimal(actual), is_final)
    if distance == 0 or (is_final and rule in (StatusRule.INSIDE, StatusRule.EARLY_REACHED)):
        return ""
    gap = format_distance(status, distance)
    goal = status["explanation"]["terms"]["goal"]
    if goal == Goal.AT_MOST and is_rank(status):
        return translate(f"{gap} behind", f"kém {gap}") if is_above else translate(f"{gap} better", f"hơn {gap}")
    if goal == Goal.WITHIN:
        return (
            translate(f"{gap} above the upper limit", f"cao hơn mức tối đa {gap}")
            if is_above
            else translate(f"{gap} below the lower limit", f"thấp hơn mức tối thiểu {gap}")
        )
    if goal == Goal.AT_MOST:
        return (
            translate(f"{gap} above the limit", f"vượt {gap}")
            if is_above
            else translate(f"{gap} below the limit", f"thấp hơn mức cho phép {gap}")
        )
    if status["status"] == Status.EXCEEDED:
        return translate(f"{gap} more than promised", f"cao hơn kế hoạch {gap}")
    lacks = f"thấp hơn mức cần đạt {gap}" if status["variance_unit"] == "percentage points" else f"thiếu {gap}"
    return translate(f"{gap} short", lacks)


def _on_edge_phrase(status: ExplainedAssessment, actual: Decimal) -> str:
    """A value on an edge whose own value does not count: on which side of it the value should lie."""
    goal, lower = status["explanation"]["terms"]["goal"], _lower_edge(status)
    if goal == Goal.AT_LEAST or (goal == Goal.WITHIN and lower is not None and actual <= lower):
        return translate("exactly that, not above it", "chỉ bằng mức này, chưa vượt")
    if is_rank(status):
        return translate("exactly that, not better", "chỉ bằng hạng này, chưa tốt hơn")
    return translate("exactly that, not below it", "bằng đúng mức này, chưa thấp hơn")


def _lower_edge(status: ExplainedAssessment) -> Decimal | None:
    is_in_progress = status["rule"] == StatusRule.ON_THE_EDGE
    edge = (status["expected"] if is_in_progress else status["explanation"]["terms"])["lower"]
    return None if edge is None else Decimal(edge)


def _beyond_ambition(status: ExplainedAssessment, actual: Decimal) -> str:
    terms = status["explanation"]["terms"]
    is_ceiling = terms["goal"] == Goal.AT_MOST
    distance = abs(actual - Decimal((terms["lower"] if is_ceiling else terms["upper"]) or 0))
    # "More than 8" is beyond 8 by an amount that was not published.
    gap = format_distance(status, distance) if distance else ""
    if is_ceiling and is_rank(status):
        return translate(f"{gap} better than the ambition", f"hơn mức phấn đấu {gap}").strip()
    if is_ceiling:
        return translate(f"{gap} below the ambition", f"thấp hơn mức phấn đấu {gap}").strip()
    return translate(f"{gap} beyond the ambition", f"vượt mức phấn đấu {gap}").strip()


def _distance_to_edge(status: ExplainedAssessment, actual: Decimal, is_final: bool) -> tuple[bool, Decimal]:
    """Return whether the actual value lies above the edge that decides, and the distance from this edge."""
    if not is_final:
        variance, shortfall = Decimal(status["variance"] or 0), Decimal(status["shortfall"] or 0)
        return variance >= 0, shortfall
    terms = status["explanation"]["terms"]
    is_lower_decisive = terms["goal"] == Goal.AT_LEAST or (
        terms["goal"] != Goal.AT_MOST and status["rule"] == StatusRule.BELOW_LOWER
    )
    edge = Decimal((terms["lower"] if is_lower_decisive else terms["upper"]) or 0)
    return actual > edge, abs(actual - edge)
