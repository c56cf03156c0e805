"""One sentence that explains a status, in the active language, built from the status document of the API."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from indicators.domain.periods import Period
from kpitracker.lib.texts import text
from targets.domain.vocabulary import Goal, Rule, Status
from targets.services import messages, numerals

Json = dict[str, Any]

QUALIFIERS = {
    "about": text("about", "khoảng"),
    "more_than": text("more than", "hơn"),
    "less_than": text("less than", "dưới"),
    "nearly": text("nearly", "gần"),
}


def why(status: Json) -> str:
    """Return a sentence such as `missed: 7.17 % in 2024, promised at least 7.5 %, 0.33 points short`."""
    label = messages.label(status["status"], provisional=status["provisional"])
    if found := status["explanation"].get("judgement"):
        by, day = found["by"], numerals.day(found["day"])
        return str(
            text(
                f"{label}: {found['reason']} (judged by {by} on {day})",
                f"{label}: {found['reason']} ({by} đánh giá {day})",
            )
        )
    terms = status["explanation"].get("terms")
    if terms is None:
        return label
    if terms["qualitative"]:
        return str(text(f"{label}: a promise without a number", f"{label}: chỉ tiêu không có con số"))
    return f"{label}: {', '.join(_parts(status))}"


def _parts(status: Json) -> Iterator[str]:
    rule, promise = status["rule"], promised(status)
    if status["actual"] is None:
        yield _nothing(status)
        yield promise
        return
    if rule == Rule.NEVER_CAME:
        due = numerals.day(status["explanation"]["due"]["last"]["due"])
        yield str(text(f"the result was due on {due}", f"kết quả phải có trước hết {due}"))
        yield str(text(f"the last known is {reached(status)}", f"số liệu cuối cùng là {reached(status)}"))
        yield promise
        return
    yield reached(status)
    settled = rule.startswith(("final", "early"))
    # If the expected edges equal those of the target, one phrase is enough.
    on_the_way = not settled and _edges(status["expected"], status) != _edges(status["explanation"]["terms"], status)
    yield due_by_then(status) if on_the_way else promise
    if gap := _gap(status, settled):
        yield gap
    yield from _besides(status)
    if on_the_way:
        yield promise


def _edges(source: Json, status: Json) -> list[str]:
    """Return the required edges of `source` as texts: of the target's terms, or of the values expected by now."""
    names = {Goal.AT_LEAST: ["lower"], Goal.AT_MOST: ["upper"]}
    wanted = names.get(status["explanation"]["terms"]["goal"], ["lower", "upper"])
    return [source[name] for name in wanted if source[name] is not None]


def _nothing(status: Json) -> str:
    first = numerals.day(status["explanation"]["due"]["first"]["due"])
    if status["rule"] == Rule.NOT_DUE:
        return str(text(f"the first figure is due on {first}", f"số liệu đầu tiên phải có trước hết {first}"))
    return str(
        text(
            f"nothing was reported, the first figure was due on {first}",
            f"chưa có báo cáo nào, số liệu đầu tiên phải có trước hết {first}",
        )
    )


def reached(status: Json) -> str:
    """Return the actual value with qualifier and period, such as `more than 190,000 billion VND in 2024`."""
    value = measure(status, status["actual"], exact=True)
    figures = status["explanation"]["figures"]
    single = [each for each in figures if each["value"] == status["actual"] and each["qualifier"]]
    if len(status["explanation"]["inputs"]) == 1 and len(single) == 1:
        value = f"{QUALIFIERS[single[0]['qualifier']]} {value}"
    return f"{value} {_when(status)}"


def _when(status: Json) -> str:
    covered, explained = status["covered_through"], status["explanation"]
    stands = explained["indicators"][0]["accumulation"] == "last"
    if stands and covered != Period.parse(explained["terms"]["period"]).end.isoformat():
        return str(text(f"by {numerals.day(covered)}", f"tính đến {numerals.day(covered)}"))
    span = numerals.period(explained["span"])
    return str(text(f"in {span}", f"trong {span}"))


def measure(status: Json, value: str, *, exact: bool = False) -> str:
    """Return a number of this target with its unit. `exact`: do not round a number that was entered by hand."""
    decimals = status["explanation"]["indicators"][0]["decimals"]
    shown = numerals.number(value, 6) if exact and _is_plain(value) else numerals.computed(value, decimals)
    if status["explanation"]["indicators"][0]["kind"] == "yes_no":
        return _done(value, shown)
    return numerals.amount(shown, status["unit"])


def _is_plain(value: str) -> bool:
    """Whether a number was entered rather than computed: it has at most three decimal places."""
    return len(value.partition(".")[2]) <= 3


def _done(value: str, shown: str) -> str:
    words = {"1": text("done", "đã xong"), "0": text("not done", "chưa xong")}
    return str(words.get(value, shown))


def promised(status: Json) -> str:
    return str(text(f"promised {required(status)}", f"kế hoạch {required(status)}"))


def required(status: Json) -> str:
    """Return the required edge in words."""
    terms = status["explanation"]["terms"]
    if status["explanation"]["indicators"][0]["kind"] == "yes_no" and terms["goal"] == Goal.AT_LEAST:
        return str(text("that it is done", "phải xong"))
    about = f"{QUALIFIERS['about']} " if status["explanation"].get("about") else ""
    lower, upper = (
        about + measure(status, terms[name], exact=True) if terms[name] else "" for name in ("lower", "upper")
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


def band(status: Json) -> str:
    """Return the required edge and the ambition beyond it, in words."""
    terms = status["explanation"]["terms"]
    ambition = {Goal.AT_LEAST: terms["upper"], Goal.AT_MOST: terms["lower"]}.get(terms["goal"])
    if ambition is None:
        return required(status)
    beyond = measure(status, ambition, exact=True)
    return required(status) + str(text(f", ambition {beyond}", f", phấn đấu {beyond}"))


def due_by_then(status: Json) -> str:
    edges = " – ".join(measure(status, edge) for edge in _edges(status["expected"], status))
    return str(text(f"due by then {edges}", f"đến lúc đó cần đạt {edges}"))


def _gap(status: Json, settled: bool) -> str:
    """Return the phrase for the distance between the actual value and the target; "" if there is none to report."""
    terms, rule = status["explanation"]["terms"], status["rule"]
    if rule in (Rule.ON_OPEN_EDGE, Rule.ON_THE_EDGE):
        return str(text("exactly on the edge, which is not enough", "đúng bằng cận, như vậy chưa đủ"))
    if rule.endswith("beyond-ambition"):
        ambition = measure(status, terms["upper" if terms["goal"] == Goal.AT_LEAST else "lower"], exact=True)
        return str(text(f"beyond the ambition of {ambition}", f"vượt mức phấn đấu {ambition}"))
    if status["explanation"]["indicators"][0]["kind"] == "yes_no":
        return ""
    above, distance = _distance(status, settled)
    if distance == 0 or (settled and rule in (Rule.INSIDE, Rule.EARLY_REACHED)):
        return ""
    gap = _plain_amount(status, distance)
    if status["status"] == Status.EXCEEDED:
        more = text(f"{gap} more than promised", f"hơn kế hoạch {gap}")
        return str(more if above else text(f"{gap} less than promised", f"thấp hơn mức cho phép {gap}"))
    return str(text(f"{gap} too much", f"vượt quá {gap}") if above else text(f"{gap} short", f"thiếu {gap}"))


def _distance(status: Json, settled: bool) -> tuple[bool, Decimal]:
    """Return whether the actual value lies above the edge that decides, and the distance from this edge."""
    if not settled:
        return not status["variance"].startswith("-"), Decimal(status["shortfall"])
    terms, actual = status["explanation"]["terms"], Decimal(status["actual"])
    edges = {Goal.AT_LEAST: terms["lower"], Goal.AT_MOST: terms["upper"]}
    edge = edges.get(terms["goal"], terms["lower" if status["rule"] == Rule.BELOW_LOWER else "upper"])
    return actual > Decimal(edge), abs(actual - Decimal(edge))


def _plain_amount(status: Json, distance: Decimal) -> str:
    shown = numerals.computed(format(distance, "f"), status["explanation"]["indicators"][0]["decimals"])
    return numerals.amount(shown, "" if status["unit"] == "rank" else status["variance_unit"])


def _besides(status: Json) -> Iterator[str]:
    if status["rule"] == Rule.WITHIN_TOLERANCE:
        tolerance = measure(status, status["tolerance"])
        yield str(text(f"within the tolerance of {tolerance}", f"trong dung sai {tolerance}"))
    if status["rule"] == Rule.SEASON_LENIENT:
        yield str(text("but no further behind than some earlier year", "nhưng không chậm hơn mọi năm trước"))
    if status["freshness"]["overdue"]:
        passed = numerals.day(status["explanation"]["due"]["latest_passed"]["due"])
        yield str(text(f"a newer figure was due on {passed}", f"số liệu mới hơn phải có trước hết {passed}"))
