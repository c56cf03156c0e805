"""One sentence that explains a status, in the active language, built from the status document of the API."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from indicators.domain.periods import Period
from kpitracker.lib.i18n.text import text
from targets.domain.choices import Goal, Status, StatusRule
from targets.services.text import alert_messages, formatting

Json = dict[str, Any]

QUALIFIER_NAMES = {
    "about": text("about", "khoảng"),
    "more_than": text("more than", "hơn"),
    "less_than": text("less than", "dưới"),
    "nearly": text("nearly", "gần"),
}


def explain_status(status: Json) -> str:
    """Return a sentence such as `missed: 7.17 % in 2024, promised at least 7.5 %, 0.33 points short`."""
    label = alert_messages.status_label(status["status"], provisional=status["provisional"])
    if judgement := status["explanation"].get("judgement"):
        by, day = judgement["by"], formatting.format_day(judgement["day"])
        return str(
            text(
                f"{label}: {judgement['reason']} (judged by {by} on {day})",
                f"{label}: {judgement['reason']} ({by} đánh giá {day})",
            )
        )
    terms = status["explanation"].get("terms")
    if terms is None:
        return label
    if terms["qualitative"]:
        return str(text(f"{label}: a promise without a number", f"{label}: chỉ tiêu không có con số"))
    return f"{label}: {', '.join(_phrases(status))}"


def _phrases(status: Json) -> Iterator[str]:
    rule, promise = status["rule"], promise_phrase(status)
    if status["actual"] is None:
        yield _no_value_phrase(status)
        yield promise
        return
    if rule == StatusRule.NEVER_CAME:
        due_day = formatting.format_day(status["explanation"]["due"]["last"]["due"])
        yield str(text(f"the result was due on {due_day}", f"kết quả phải có trước hết {due_day}"))
        yield str(text(f"the last known is {actual_phrase(status)}", f"số liệu cuối cùng là {actual_phrase(status)}"))
        yield promise
        return
    yield actual_phrase(status)
    is_final = rule.startswith(("final", "early"))
    # If the expected edges equal those of the target, one phrase is enough.
    in_progress = not is_final and _required_edges(status["expected"], status) != _required_edges(
        status["explanation"]["terms"], status
    )
    yield expected_phrase(status) if in_progress else promise
    if gap := _gap_phrase(status, is_final):
        yield gap
    yield from _extra_phrases(status)
    if in_progress:
        yield promise


def _required_edges(source: Json, status: Json) -> list[str]:
    """Return the required edges of `source` as texts: of the target's terms, or of the values expected by now."""
    names = {Goal.AT_LEAST: ["lower"], Goal.AT_MOST: ["upper"]}
    edge_names = names.get(status["explanation"]["terms"]["goal"], ["lower", "upper"])
    return [source[name] for name in edge_names if source[name] is not None]


def _no_value_phrase(status: Json) -> str:
    first_due = formatting.format_day(status["explanation"]["due"]["first"]["due"])
    if status["rule"] == StatusRule.NOT_DUE:
        return str(text(f"the first figure is due on {first_due}", f"số liệu đầu tiên phải có trước hết {first_due}"))
    return str(
        text(
            f"nothing was reported, the first figure was due on {first_due}",
            f"chưa có báo cáo nào, số liệu đầu tiên phải có trước hết {first_due}",
        )
    )


def actual_phrase(status: Json) -> str:
    """Return the actual value with qualifier and period, such as `more than 190,000 billion VND in 2024`."""
    value = format_measure(status, status["actual"], exact=True)
    figures = status["explanation"]["figures"]
    qualified = [figure for figure in figures if figure["value"] == status["actual"] and figure["qualifier"]]
    if len(status["explanation"]["inputs"]) == 1 and len(qualified) == 1:
        value = f"{QUALIFIER_NAMES[qualified[0]['qualifier']]} {value}"
    return f"{value} {_period_phrase(status)}"


def _period_phrase(status: Json) -> str:
    covered_through, explanation = status["covered_through"], status["explanation"]
    is_stock = explanation["indicators"][0]["accumulation"] == "last"
    if is_stock and covered_through != Period.parse(explanation["terms"]["period"]).end.isoformat():
        return str(
            text(f"by {formatting.format_day(covered_through)}", f"tính đến {formatting.format_day(covered_through)}")
        )
    period_text = formatting.format_period(explanation["span"])
    return str(text(f"in {period_text}", f"trong {period_text}"))


def format_measure(status: Json, value: str, *, exact: bool = False) -> str:
    """Return a number of this target with its unit. `exact`: do not round a number that was entered by hand."""
    decimals = status["explanation"]["indicators"][0]["decimals"]
    formatted = (
        formatting.format_number(value, 6)
        if exact and _is_entered(value)
        else formatting.format_computed(value, decimals)
    )
    if status["explanation"]["indicators"][0]["kind"] == "yes_no":
        return _done_phrase(value, formatted)
    return formatting.format_amount(formatted, status["unit"])


def _is_entered(value: str) -> bool:
    """Whether a number was entered rather than computed: it has at most three decimal places."""
    return len(value.partition(".")[2]) <= 3


def _done_phrase(value: str, fallback: str) -> str:
    phrases = {"1": text("done", "đã xong"), "0": text("not done", "chưa xong")}
    return str(phrases.get(value, fallback))


def promise_phrase(status: Json) -> str:
    return str(text(f"promised {format_required_edge(status)}", f"kế hoạch {format_required_edge(status)}"))


def format_required_edge(status: Json) -> str:
    """Return the required edge in words."""
    terms = status["explanation"]["terms"]
    if status["explanation"]["indicators"][0]["kind"] == "yes_no" and terms["goal"] == Goal.AT_LEAST:
        return str(text("that it is done", "phải xong"))
    prefix = f"{QUALIFIER_NAMES['about']} " if status["explanation"].get("about") else ""
    lower, upper = (
        prefix + format_measure(status, terms[name], exact=True) if terms[name] else "" for name in ("lower", "upper")
    )
    match terms["goal"]:
        case Goal.WITHIN:
            return str(text(f"from {lower} to {upper}", f"từ {lower} đến {upper}"))
        case Goal.AT_MOST if terms["upper_open"]:
            return str(text(f"less than {upper}", f"dưới {upper}"))
        case Goal.AT_MOST:
            return str(text(f"at most {upper}", f"không quá {upper}"))
    if terms["lower_open"]:
        return str(text(f"more than {lower}", f"trên {lower}"))
    return str(text(f"at least {lower}", f"ít nhất {lower}"))


def format_target(status: Json) -> str:
    """Return the required edge and the ambition beyond it, in words."""
    terms = status["explanation"]["terms"]
    ambition = {Goal.AT_LEAST: terms["upper"], Goal.AT_MOST: terms["lower"]}.get(terms["goal"])
    if ambition is None:
        return format_required_edge(status)
    ambition_text = format_measure(status, ambition, exact=True)
    return format_required_edge(status) + str(text(f", ambition {ambition_text}", f", phấn đấu {ambition_text}"))


def expected_phrase(status: Json) -> str:
    edges = " – ".join(format_measure(status, edge) for edge in _required_edges(status["expected"], status))
    return str(text(f"due by then {edges}", f"đến lúc đó cần đạt {edges}"))


def _gap_phrase(status: Json, is_final: bool) -> str:
    """Return the phrase for the distance between the actual value and the target; "" if there is none to report."""
    terms, rule = status["explanation"]["terms"], status["rule"]
    if rule in (StatusRule.ON_OPEN_EDGE, StatusRule.ON_THE_EDGE):
        return str(text("exactly on the edge, which is not enough", "đúng bằng cận, như vậy chưa đủ"))
    if rule.endswith("beyond-ambition"):
        ambition = format_measure(status, terms["upper" if terms["goal"] == Goal.AT_LEAST else "lower"], exact=True)
        return str(text(f"beyond the ambition of {ambition}", f"vượt mức phấn đấu {ambition}"))
    if status["explanation"]["indicators"][0]["kind"] == "yes_no":
        return ""
    is_above, distance = _distance_to_edge(status, is_final)
    if distance == 0 or (is_final and rule in (StatusRule.INSIDE, StatusRule.EARLY_REACHED)):
        return ""
    gap = _format_distance(status, distance)
    if status["status"] == Status.EXCEEDED:
        phrase = text(f"{gap} more than promised", f"hơn kế hoạch {gap}")
        return str(phrase if is_above else text(f"{gap} less than promised", f"thấp hơn mức cho phép {gap}"))
    return str(text(f"{gap} too much", f"vượt quá {gap}") if is_above else text(f"{gap} short", f"thiếu {gap}"))


def _distance_to_edge(status: Json, is_final: bool) -> tuple[bool, Decimal]:
    """Return whether the actual value lies above the edge that decides, and the distance from this edge."""
    if not is_final:
        return not status["variance"].startswith("-"), Decimal(status["shortfall"])
    terms, actual = status["explanation"]["terms"], Decimal(status["actual"])
    edges = {Goal.AT_LEAST: terms["lower"], Goal.AT_MOST: terms["upper"]}
    edge = edges.get(terms["goal"], terms["lower" if status["rule"] == StatusRule.BELOW_LOWER else "upper"])
    return actual > Decimal(edge), abs(actual - Decimal(edge))


def _format_distance(status: Json, distance: Decimal) -> str:
    formatted = formatting.format_computed(format(distance, "f"), status["explanation"]["indicators"][0]["decimals"])
    return formatting.format_amount(formatted, "" if status["unit"] == "rank" else status["variance_unit"])


def _extra_phrases(status: Json) -> Iterator[str]:
    if status["rule"] == StatusRule.WITHIN_TOLERANCE:
        tolerance = format_measure(status, status["tolerance"])
        yield str(text(f"within the tolerance of {tolerance}", f"trong dung sai {tolerance}"))
    if status["rule"] == StatusRule.SEASON_LENIENT:
        yield str(text("but no further behind than some earlier year", "nhưng không chậm hơn mọi năm trước"))
    if status["freshness"]["overdue"]:
        passed_due = formatting.format_day(status["explanation"]["due"]["latest_passed"]["due"])
        yield str(text(f"a newer figure was due on {passed_due}", f"số liệu mới hơn phải có trước hết {passed_due}"))
