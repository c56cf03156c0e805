"""The numbers of one target as labelled texts, in the language of the reader."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from kpitracker.lib.i18n.text import translate
from targets.payloads.assessments import ExplainedAssessment
from targets.services.evaluation.evaluate import Evaluation
from targets.services.text import formatting, measures, missing_reasons, side_by_side, status_sentence


class Fact(NamedTuple):
    """A line of the page. `sense` names a style class: good, bad, or none."""

    label: str
    value: str
    note: str = ""
    sense: str = ""


def list_facts(evaluation: Evaluation, status: ExplainedAssessment) -> list[Fact]:
    return list(_facts(evaluation, status))


def _facts(evaluation: Evaluation, status: ExplainedAssessment) -> Iterator[Fact]:
    decimals, actual = evaluation.target.indicator.decimals, status["actual"]
    yield Fact(translate("Target", "Chỉ tiêu"), status_sentence.describe_target_promise(status))
    if actual is not None:
        yield Fact(translate("Actual", "Thực hiện"), status_sentence.actual_phrase(status, actual))
        yield Fact(translate("Expected by then", "Mức tương ứng đến thời điểm đó"), measures.format_expected(status))
        sense = "bad" if evaluation.assessment.shortfall else "good"
        variance = formatting.format_variance(status, decimals, evaluation.target.indicator.kind)
        if variance != "–":
            yield Fact(translate("Variance", "Chênh lệch"), variance, sense=sense)
    yield from _outlook_facts(status)
    yield from _pace_facts(evaluation, status)
    yield from _comparison_facts(evaluation, status)
    yield from _freshness_facts(status)


def _outlook_facts(status: ExplainedAssessment) -> Iterator[Fact]:
    outlook = status["outlook"]
    if outlook["value"] is not None and not status["rule"].startswith("final"):
        notes = []
        if outlook["low"] is not None and outlook["high"] is not None and outlook["low"] != outlook["high"]:
            low, high = (
                measures.format_measure(status, outlook["low"]),
                measures.format_measure(status, outlook["high"]),
            )
            notes.append(translate(f"between {low} and {high}", f"từ {low} đến {high}"))
        if tested := outlook["tested"]:
            error = measures.format_distance(status, Decimal(tested["mean_absolute_error"]))
            count = tested["periods"]
            notes.append(
                translate(
                    f"in {count} earlier years wrong by {error} on average",
                    f"trong {count} năm trước sai bình quân {error}",
                )
            )
        label = translate("Outlook at the end", "Dự kiến đến cuối kỳ")
        yield Fact(label, measures.format_measure(status, outlook["value"]), "; ".join(notes))
    if issuer := outlook["issuer"]:
        published = issuer["published"]
        day = translate("on an unknown day", "không rõ ngày")
        if published != "unknown":
            day = formatting.format_day(published)
        label = translate("Forecast of the issuer", "Dự báo của cơ quan công bố")
        yield Fact(label, measures.format_measure(status, issuer["value"]), f"{day}. {issuer['source']}".strip())


def _pace_facts(evaluation: Evaluation, status: ExplainedAssessment) -> Iterator[Fact]:
    required, decimals = status["required"], evaluation.target.indicator.decimals
    edges = [edge for edge in (required["lower"], required["upper"]) if edge is not None]
    if not edges or required["per"] is None:
        return
    places = measures.status_places(status)
    pace = " – ".join(formatting.format_pace(status, edge, places) for edge in dict.fromkeys(edges))
    note = side_by_side.pace_sentence(status, evaluation.target.goal, decimals)
    sense = "bad" if note else ""
    if not note and required["best_seen"] is not None:
        period = required["best_seen_period"]
        best = formatting.format_pace(status, required["best_seen"], places)
        best = side_by_side.best_seen_phrase(required["per"], period, best)
        span = f", {formatting.format_period(period)}" if period else ""
        note = translate(f"best seen: {best}{span}", f"tốt nhất từng có: {best}{span}")
    value = f"{pace} {side_by_side.PACE_LABELS[required['per']]}"
    yield Fact(translate("Needed for the target", "Mức cần để đạt chỉ tiêu"), value, note, sense)


def _comparison_facts(evaluation: Evaluation, status: ExplainedAssessment) -> Iterator[Fact]:
    names, target = missing_reasons.names_of_explanation(status["explanation"]), evaluation.target
    for line in side_by_side.side_by_side_lines(status, target.indicator.decimals, target.goal, names):
        yield Fact(translate("Beside it", "So sánh"), line)


def _freshness_facts(status: ExplainedAssessment) -> Iterator[Fact]:
    freshness = status["freshness"]
    covered, due = freshness["covered_through"], freshness["next_due"]
    notes = []
    if freshness["overdue"]:
        notes.append(translate("a newer figure is overdue", "số liệu mới hơn đã quá hạn"))
    if due:
        day = formatting.format_day(due)
        notes.append(translate(f"the next one is due on {day}", f"số liệu tiếp theo phải có trước hết {day}"))
    value = formatting.format_short_day(covered) if covered else "–"
    sense = "bad" if freshness["overdue"] else ""
    yield Fact(translate("Figures until", "Số liệu đến ngày"), value, "; ".join(notes), sense)


def short_day(day: date) -> str:
    return formatting.format_short_day(day.isoformat())
