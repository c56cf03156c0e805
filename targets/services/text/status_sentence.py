"""One sentence that explains a status, in the active language, built from the status document of the API."""

from collections.abc import Iterator
from decimal import Decimal

from indicators.domain.choices import IndicatorKind
from indicators.domain.missing_values import MissingSlug
from indicators.domain.periods import Period
from indicators.services.access.person_names import shown_name
from kpitracker.lib.i18n.text import text, translate
from targets.domain.choices import Goal, Status, StatusRule, VersionState
from targets.models.target import VERSION_STATE_LABELS
from targets.payloads.assessments import ExpectedBandPayload, ExplainedAssessment
from targets.payloads.explanations import ExplanationTermsPayload
from targets.services.text import formatting, status_labels
from targets.services.text.gap_phrases import describe_gap
from targets.services.text.measures import format_distance, format_measure, format_span
from targets.services.text.missing_reasons import missing_phrase, names_of_explanation, nothing_reported_phrase
from targets.services.text.promises import Promise, describe_promise, exclude_lower, exclude_upper, is_end_of_scale

QUALIFIER_NAMES = {
    "about": text("about", "khoảng"),
    "more_than": text("more than", "hơn"),
    "less_than": text("less than", "dưới"),
    "nearly": text("nearly", "gần"),
}


def explain_status(status: ExplainedAssessment) -> str:
    """Return a sentence such as `missed: 7.17 % in 2024, promised at least 7.5 %, 0.33 points short`.

    Of a suspended or withdrawn target, it says since when, and how the target stood before.
    """
    verdict = f"{label_status(status)}: {explain_reason(status)}"
    version = status["explanation"]["version"]
    # `version` is another one where a version was asked for by its number: the day is that of the state in force.
    state = _state_of(status)
    if not state.is_ended:
        return verdict
    ended = str(VERSION_STATE_LABELS[state])
    if version["state"] == state:
        day = formatting.format_day(version["announced"])
        ended = translate(f"{ended} from {day} on", f"{ended} từ {day}")
    if _ended_without_result(status):
        return f"{ended}; {explain_reason(status)}"
    return translate(f"{ended}; before that, {verdict}", f"{ended}; trước đó {verdict}")


def _state_of(status: ExplainedAssessment) -> VersionState:
    return VersionState(status.get("state") or VersionState.ADOPTED)


def _ended_without_result(status: ExplainedAssessment) -> bool:
    """Whether a target had no data on the day before it was suspended or withdrawn. Figures may have come since."""
    return _state_of(status).is_ended and status["status"] == Status.NO_DATA


def label_status(status: ExplainedAssessment) -> str:
    """Return the word for the status of a target in its direction."""
    return status_labels.label_assessment(status, status["explanation"]["terms"]["goal"] or "")


def explain_reason(status: ExplainedAssessment) -> str:
    """Return the sentence without the word for the status."""
    if _ended_without_result(status):
        return translate("until then it had no result", "trước đó chưa có kết quả")
    if judgement := status["explanation"]["judgement"]:
        by, day = shown_name(judgement["by"]), formatting.format_day(judgement["day"])
        if not judgement["by"]:
            return translate(f"judged on {day}", f"đánh giá {day}")
        return translate(
            f"{judgement['reason']} (judged by {by} on {day})", f"{judgement['reason']} ({by} đánh giá {day})"
        )
    if status["rule"] == StatusRule.OF_PARTS:
        return translate("judged by the targets that are its parts", "theo kết quả các chỉ tiêu thành phần")
    if status["explanation"]["terms"]["qualitative"]:
        return translate("a promise without a number, not judged yet", "chỉ tiêu định tính, chưa được đánh giá")
    actual = status["actual"]
    if actual is None:
        return f"{_no_value_phrase(status)}; {_promise_of_period(status)}"
    return "; ".join(", ".join(phrases) for phrases in _statements(status, actual) if phrases)


def explain_beyond_numbers(status: ExplainedAssessment) -> str:
    """Return what a row with actual, due, variance and promise does not say; "" when they say all."""
    terms, rule = status["explanation"]["terms"], status["rule"]
    is_of_words = status["explanation"]["judgement"] or rule == StatusRule.OF_PARTS or terms["qualitative"]
    if is_of_words or status["actual"] is None:
        return explain_reason(status)
    phrases = [*_rule_phrases(status), *_later_phrase(status)]
    if rule == StatusRule.NEVER_CAME:
        phrases = [_never_came_phrase(status), *_later_phrase(status)]
    elif rule in (StatusRule.ON_OPEN_EDGE, StatusRule.ON_THE_EDGE):
        phrases = [describe_gap(status, status["actual"], is_final=True), *phrases]
    return ", ".join(phrases)


def _never_came_phrase(status: ExplainedAssessment) -> str:
    due_day = formatting.format_day(status["explanation"]["due"]["last"]["due"])
    return translate(f"the result was due on {due_day}", f"kết quả đã đến hạn {due_day}")


def _statements(status: ExplainedAssessment, actual: str) -> Iterator[list[str]]:
    """Phrases by what they are about: how the target stands, what was promised, and which figures do not count or came late."""
    rule = status["rule"]
    if rule == StatusRule.NEVER_CAME:
        latest = actual_phrase(status, actual)
        yield [_never_came_phrase(status)]
        yield [translate(f"the last known is {latest}", f"số liệu gần nhất là {latest}")]
        yield [_promise_of_period(status)]
        yield list(_later_phrase(status))
        return
    is_final = rule.startswith(("final", "early"))
    # If the expected edges equal those of the target, one phrase is enough.
    in_progress = not is_final and _required_edges(status["expected"], status) != _required_edges(
        status["explanation"]["terms"], status
    )
    gap = describe_gap(status, actual, is_final)
    compared_with = expected_phrase(status) if in_progress else _promise_of_period(status)
    yield [actual_phrase(status, actual), compared_with, *([gap] if gap else []), *_rule_phrases(status)]
    yield [_promise_of_period(status)] if in_progress else []
    yield list(_late_phrases(status))


def _required_edges(source: ExpectedBandPayload | ExplanationTermsPayload, status: ExplainedAssessment) -> list[str]:
    """Return the required edges of `source` as texts: of the target's terms, or of the values expected by now."""
    goal = status["explanation"]["terms"]["goal"]
    edges = [None if goal == Goal.AT_MOST else source["lower"], None if goal == Goal.AT_LEAST else source["upper"]]
    return [edge for edge in edges if edge is not None]


def _no_value_phrase(status: ExplainedAssessment) -> str:
    first_due = formatting.format_day(status["explanation"]["due"]["first"]["due"])
    if status["rule"] == StatusRule.NOT_DUE:
        return translate(f"the first figure is due on {first_due}", f"số liệu đầu tiên đến hạn {first_due}")
    # An assessment that was stored before there were reasons has none.
    reason = status.get("reason")
    if reason is not None and reason["slug"] != MissingSlug.NOTHING_REPORTED:
        return missing_phrase(reason, names_of_explanation(status["explanation"]))
    nothing = nothing_reported_phrase(reason)
    return translate(
        f"{nothing}, the first figure was due on {first_due}", f"{nothing}, số liệu đầu tiên đã đến hạn {first_due}"
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
    return formatting.format_in_period(explanation["span"] or explanation["terms"]["period"])


def _promise_of_period(status: ExplainedAssessment) -> str:
    """The promise, with its period unless the actual value is of the same: 1,200 jobs in a year, not in nine months."""
    promise, period = describe_target_promise(status), status["explanation"]["terms"]["period"]
    when = formatting.format_in_period(period)
    if status["actual"] is not None and status["rule"] != StatusRule.NEVER_CAME and _period_phrase(status) == when:
        return translate(f"promised {promise}", f"kế hoạch {promise}")
    # Two numbers in a row, of the year and of the promise, would read as one.
    is_number = " là" if promise[0].isdigit() else ""
    noun = formatting.format_period_noun(period)
    return translate(f"promised {promise} {when}", f"kế hoạch {noun}{is_number} {promise}")


def describe_target_promise(status: ExplainedAssessment) -> str:
    """Return the required edge and the ambition beyond it, in words."""
    terms, indicator = status["explanation"]["terms"], status["explanation"]["indicators"][0]
    lower, upper = (
        format_measure(status, edge, exact=True) if edge is not None else None
        for edge in (terms["lower"], terms["upper"])
    )
    return describe_promise(
        Promise(
            None if terms["qualitative"] else terms["goal"],
            lower,
            upper,
            lower_open=terms["lower_open"],
            upper_open=terms["upper_open"],
            about=status["explanation"]["about"],
            is_rank=formatting.is_rank(status),
            is_task=indicator["kind"] == "yes_no",
            is_end_of_scale=is_end_of_scale(indicator["kind"], terms["goal"], terms["lower"], terms["upper"]),
            unit=formatting.shown_unit(status),
        )
    )


def expected_phrase(status: ExplainedAssessment) -> str:
    """Return what is due, or allowed, by the day that the figures reach."""
    edges, terms = _required_edges(status["expected"], status), status["explanation"]["terms"]
    edge = format_measure(status, edges[0])
    match terms["goal"]:
        case Goal.AT_MOST if terms["upper_open"] and not formatting.is_rank(status):
            return translate(f"less than {edge} allowed by then", f"đến thời điểm đó phải dưới {edge}")
        case Goal.AT_MOST if not formatting.is_rank(status):
            return translate(f"at most {edge} allowed by then", f"đến thời điểm đó không được quá {edge}")
        case Goal.AT_MOST if terms["upper_open"]:
            edge = exclude_upper(edge, is_rank=True)
        case Goal.WITHIN:
            span = format_span(status, *edges, lower_open=terms["lower_open"], upper_open=terms["upper_open"])
            return translate(f"due by then from {span}", f"đến thời điểm đó cần từ {span}")
        case Goal.AT_LEAST if terms["lower_open"]:
            edge = exclude_lower(edge)
    return translate(f"due by then {edge}", f"đến thời điểm đó cần đạt {edge}")


def _late_phrases(status: ExplainedAssessment) -> Iterator[str]:
    if status["explanation"].get("later_reason"):
        yield from _later_phrase(status)
        return
    latest_passed = status["explanation"]["due"]["latest_passed"]
    if status["freshness"]["overdue"] and latest_passed:
        passed_due = formatting.format_day(latest_passed["due"])
        yield translate(f"a newer figure was due on {passed_due}", f"số liệu mới hơn đã đến hạn {passed_due}")


def _rule_phrases(status: ExplainedAssessment) -> Iterator[str]:
    if status["rule"] == StatusRule.WITHIN_TOLERANCE and formatting.kind_of(status) != IndicatorKind.YES_NO:
        tolerance = format_distance(status, Decimal(status["tolerance"] or 0))
        yield translate(f"within the tolerance of {tolerance}", f"trong mức sai lệch cho phép {tolerance}")
    if status["rule"] == StatusRule.SEASON_LENIENT:
        yield _lenient_phrase(status)


def _lenient_phrase(status: ExplainedAssessment) -> str:
    """That an earlier year stood no better by this day, and its target's share was kept."""
    if status["explanation"]["terms"]["goal"] == Goal.AT_LEAST:
        return translate("but no further behind than in some earlier year", "nhưng có năm trước đây cũng chậm như vậy")
    return translate("but no further off than in some earlier year", "nhưng có năm trước đây cũng lệch như vậy")


def _later_phrase(status: ExplainedAssessment) -> Iterator[str]:
    """Why figures of later days do not count: who posted them must not read that they are missing."""
    if later_reason := status["explanation"].get("later_reason"):
        yield missing_phrase(later_reason, names_of_explanation(status["explanation"]))
