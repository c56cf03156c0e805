"""One sentence that explains a status, in the active language, built from the status document of the API."""

from collections.abc import Iterator
from decimal import Decimal

from indicators.domain.missing_values import MissingSlug
from indicators.domain.periods import Period
from indicators.services.access.person_names import shown_name
from kpitracker.lib.i18n.text import text, translate
from targets.domain.choices import Goal, Status, StatusRule
from targets.payloads.assessments import ExpectedBandPayload, ExplainedAssessment
from targets.payloads.explanations import ExplanationTermsPayload
from targets.services.text import alert_messages, formatting
from targets.services.text.missing_reasons import missing_phrase

QUALIFIER_NAMES = {
    "about": text("about", "khoảng"),
    "more_than": text("more than", "hơn"),
    "less_than": text("less than", "dưới"),
    "nearly": text("nearly", "gần"),
}


def explain_status(status: ExplainedAssessment) -> str:
    """Return a sentence such as `missed: 7.17 % in 2024, promised at least 7.5 %, 0.33 points short`."""
    label = alert_messages.status_label(status["status"], provisional=status["provisional"])
    if judgement := status["explanation"]["judgement"]:
        by, day = shown_name(judgement["by"]), formatting.format_day(judgement["day"])
        return translate(
            f"{label}: {judgement['reason']} (judged by {by} on {day})",
            f"{label}: {judgement['reason']} ({by} đánh giá {day})",
        )
    terms = status["explanation"]["terms"]
    if terms["qualitative"]:
        return translate(f"{label}: a promise without a number", f"{label}: chỉ tiêu không có con số")
    actual = status["actual"]
    if actual is None:
        return f"{label}: {_no_value_phrase(status)}, {promise_phrase(status)}"
    return f"{label}: {', '.join(_phrases(status, actual))}"


def _phrases(status: ExplainedAssessment, actual: str) -> Iterator[str]:
    rule, promise = status["rule"], promise_phrase(status)
    if rule == StatusRule.NEVER_CAME:
        due_day = formatting.format_day(status["explanation"]["due"]["last"]["due"])
        yield translate(f"the result was due on {due_day}", f"kết quả phải có trước hết {due_day}")
        yield translate(
            f"the last known is {actual_phrase(status, actual)}",
            f"số liệu cuối cùng là {actual_phrase(status, actual)}",
        )
        yield promise
        return
    yield actual_phrase(status, actual)
    is_final = rule.startswith(("final", "early"))
    # If the expected edges equal those of the target, one phrase is enough.
    in_progress = not is_final and _required_edges(status["expected"], status) != _required_edges(
        status["explanation"]["terms"], status
    )
    yield expected_phrase(status) if in_progress else promise
    if gap := _gap_phrase(status, actual, is_final):
        yield gap
    yield from _extra_phrases(status)
    if in_progress:
        yield promise


def _required_edges(source: ExpectedBandPayload | ExplanationTermsPayload, status: ExplainedAssessment) -> list[str]:
    """Return the required edges of `source` as texts: of the target's terms, or of the values expected by now."""
    goal = status["explanation"]["terms"]["goal"]
    edges = [None if goal == Goal.AT_MOST else source["lower"], None if goal == Goal.AT_LEAST else source["upper"]]
    return [edge for edge in edges if edge is not None]


def _no_value_phrase(status: ExplainedAssessment) -> str:
    first_due = formatting.format_day(status["explanation"]["due"]["first"]["due"])
    if status["rule"] == StatusRule.NOT_DUE:
        return translate(f"the first figure is due on {first_due}", f"số liệu đầu tiên phải có trước hết {first_due}")
    # An assessment that was stored before there were reasons has none.
    reason = status.get("reason")
    if reason is not None and reason["slug"] != MissingSlug.NOTHING_REPORTED:
        return missing_phrase(reason)
    return translate(
        f"nothing was reported, the first figure was due on {first_due}",
        f"chưa có báo cáo nào, số liệu đầu tiên phải có trước hết {first_due}",
    )


def actual_phrase(status: ExplainedAssessment, actual: str) -> str:
    """Return the actual value with qualifier and period, such as `more than 190,000 billion VND in 2024`."""
    value = format_measure(status, actual)
    figures = status["explanation"]["figures"]
    qualified = [figure for figure in figures if figure["value"] == actual and figure["qualifier"]]
    if len(status["explanation"]["inputs"]) == 1 and len(qualified) == 1:
        value = f"{QUALIFIER_NAMES[qualified[0]['qualifier']]} {value}"
    return f"{value} {_period_phrase(status)}"


def _period_phrase(status: ExplainedAssessment) -> str:
    covered_through, explanation = status["covered_through"], status["explanation"]
    is_stock = explanation["indicators"][0]["accumulation"] == "last"
    if is_stock and covered_through and covered_through != Period.parse(explanation["terms"]["period"]).end.isoformat():
        return translate(
            f"by {formatting.format_day(covered_through)}", f"tính đến {formatting.format_day(covered_through)}"
        )
    period_text = formatting.format_period(explanation["span"] or explanation["terms"]["period"])
    return translate(f"in {period_text}", f"trong {period_text}")


def format_measure(status: ExplainedAssessment, value: str | None, *, exact: bool = False) -> str:
    """Return a number of this target with its unit. `exact`: one that was decided, such as an edge, is not rounded."""
    if value is None:
        return "–"
    formatted = formatting.format_number(value, 12 if exact else status_places(status))
    if status["explanation"]["indicators"][0]["kind"] == "yes_no":
        return _done_phrase(value, formatted)
    return formatting.format_amount(formatted, formatting.shown_unit(status))


def status_places(status: ExplainedAssessment) -> int:
    """With how many decimal places the numbers of this status are shown."""
    explanation = status["explanation"]
    edges = explanation["terms"]["lower"], explanation["terms"]["upper"]
    return formatting.assessment_places(status, explanation["indicators"][0]["decimals"], *edges)


def _done_phrase(value: str, fallback: str) -> str:
    phrases = {"1": translate("done", "đã xong"), "0": translate("not done", "chưa xong")}
    return phrases.get(value, fallback)


def promise_phrase(status: ExplainedAssessment) -> str:
    return translate(f"promised {format_required_edge(status)}", f"kế hoạch {format_required_edge(status)}")


def format_required_edge(status: ExplainedAssessment) -> str:
    """Return the required edge in words."""
    terms = status["explanation"]["terms"]
    if status["explanation"]["indicators"][0]["kind"] == "yes_no" and terms["goal"] == Goal.AT_LEAST:
        return translate("that it is done", "phải xong")
    prefix = f"{QUALIFIER_NAMES['about']} " if status["explanation"]["about"] else ""
    lower, upper = (
        prefix + format_measure(status, edge, exact=True) if edge else "" for edge in (terms["lower"], terms["upper"])
    )
    match terms["goal"]:
        case Goal.WITHIN:
            return translate(f"from {lower} to {upper}", f"từ {lower} đến {upper}")
        case Goal.AT_MOST if terms["upper_open"]:
            return translate(f"less than {upper}", f"dưới {upper}")
        case Goal.AT_MOST:
            return translate(f"at most {upper}", f"không quá {upper}")
    if terms["lower_open"]:
        return translate(f"more than {lower}", f"trên {lower}")
    return translate(f"at least {lower}", f"ít nhất {lower}")


def format_target(status: ExplainedAssessment) -> str:
    """Return the required edge and the ambition beyond it, in words."""
    terms = status["explanation"]["terms"]
    ambition = None if terms["goal"] == Goal.WITHIN else _ambition(terms)
    if ambition is None:
        return format_required_edge(status)
    ambition_text = format_measure(status, ambition, exact=True)
    return format_required_edge(status) + translate(f", ambition {ambition_text}", f", phấn đấu {ambition_text}")


def _ambition(terms: ExplanationTermsPayload) -> str | None:
    """Return the edge beyond the required one."""
    return terms["upper"] if terms["goal"] == Goal.AT_LEAST else terms["lower"]


def expected_phrase(status: ExplainedAssessment) -> str:
    edges = " – ".join(format_measure(status, edge) for edge in _required_edges(status["expected"], status))
    return translate(f"due by then {edges}", f"đến lúc đó cần đạt {edges}")


def _gap_phrase(status: ExplainedAssessment, actual: str, is_final: bool) -> str:
    """Return the phrase for the distance between the actual value and the target; "" if there is none to report."""
    terms, rule = status["explanation"]["terms"], status["rule"]
    if rule in (StatusRule.ON_OPEN_EDGE, StatusRule.ON_THE_EDGE):
        return translate("exactly on the edge, which is not enough", "đúng bằng cận, như vậy chưa đủ")
    if rule.endswith("beyond-ambition"):
        ambition = format_measure(status, _ambition(terms), exact=True)
        return translate(f"beyond the ambition of {ambition}", f"vượt mức phấn đấu {ambition}")
    if status["explanation"]["indicators"][0]["kind"] == "yes_no":
        return ""
    is_above, distance = _distance_to_edge(status, Decimal(actual), is_final)
    if distance == 0 or (is_final and rule in (StatusRule.INSIDE, StatusRule.EARLY_REACHED)):
        return ""
    gap = _format_distance(status, distance)
    if status["status"] == Status.EXCEEDED:
        phrase = translate(f"{gap} more than promised", f"hơn kế hoạch {gap}")
        return phrase if is_above else translate(f"{gap} less than promised", f"thấp hơn mức cho phép {gap}")
    return translate(f"{gap} too much", f"vượt quá {gap}") if is_above else translate(f"{gap} short", f"thiếu {gap}")


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


def _format_distance(status: ExplainedAssessment, distance: Decimal) -> str:
    formatted = formatting.format_number(format(distance, "f"), status_places(status))
    return formatting.format_amount(formatted, formatting.shown_variance_unit(status))


def _extra_phrases(status: ExplainedAssessment) -> Iterator[str]:
    if status["rule"] == StatusRule.WITHIN_TOLERANCE:
        tolerance = format_measure(status, status["tolerance"])
        yield translate(f"within the tolerance of {tolerance}", f"trong dung sai {tolerance}")
    if status["rule"] == StatusRule.SEASON_LENIENT:
        yield translate("but no further behind than some earlier year", "nhưng không chậm hơn mọi năm trước")
    latest_passed = status["explanation"]["due"]["latest_passed"]
    if status["freshness"]["overdue"] and latest_passed:
        passed_due = formatting.format_day(latest_passed["due"])
        yield translate(f"a newer figure was due on {passed_due}", f"số liệu mới hơn phải có trước hết {passed_due}")
