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
        return translate("exactly on the edge, which is not enough", "đúng bằng cận, như vậy chưa đủ")
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
            translate(f"{gap} above the upper limit", f"cao hơn cận trên {gap}")
            if is_above
            else translate(f"{gap} below the lower limit", f"thấp hơn cận dưới {gap}")
        )
    if goal == Goal.AT_MOST:
        return (
            translate(f"{gap} above the limit", f"vượt {gap}")
            if is_above
            else translate(f"{gap} below the limit", f"thấp hơn mức cho phép {gap}")
        )
    if status["status"] == Status.EXCEEDED:
        return translate(f"{gap} more than promised", f"hơn kế hoạch {gap}")
    return translate(f"{gap} short", f"thiếu {gap}")


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
