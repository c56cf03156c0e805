"""The rows of the board in the words of the reader. Nothing is computed here: texts are made of the numbers given."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.urls import reverse
from django.utils.safestring import SafeString

from indicators.domain.choices import Accumulation
from kpitracker.lib.i18n.text import translate
from targets.domain.choices import WORST_FIRST, Status
from targets.models.assessment import STATUS_LABELS
from targets.models.target import VERSION_STATE_LABELS
from targets.pages.board_reading import lead_name
from targets.pages.charts import BulletValues, bullet, sparkline
from targets.payloads.assessments import ExplainedAssessment
from targets.services.evaluation.evaluate import Evaluation
from targets.services.reports.board import BoardTarget
from targets.services.text import formatting, measures, status_labels, status_sentence

_GOOD, _WATCHED, _BAD, _NEUTRAL = "good", "watched", "bad", "neutral"
_SENSE_BY_STATUS = {
    Status.EXCEEDED: _GOOD,
    Status.MET: _GOOD,
    Status.ON_TRACK: _GOOD,
    Status.AT_RISK: _WATCHED,
    Status.OFF_TRACK: _BAD,
    Status.MISSED: _BAD,
    Status.NOT_DUE: _NEUTRAL,
    Status.NO_DATA: _NEUTRAL,
}


class BoardRow(NamedTuple):
    """One target in words. `sense` and `variance_sense` name style classes: good, watched, bad or neutral."""

    name: str
    url: str
    area: str
    section: str
    lead: str
    label: str
    sense: str
    since: str
    sentence: str
    promise: str
    actual: str
    variance: str
    variance_sense: str
    outlook: str
    outlook_range: str
    covered: str
    overdue: bool
    open_alerts: int
    open_actions: int
    overdue_actions: int
    bullet: SafeString
    spark: SafeString
    is_ended: bool


class StatusTile(NamedTuple):
    """How many targets have a status. `status`: the value of the filter."""

    status: str
    label: str
    number: int
    sense: str


def build_row(row: BoardTarget, compared_with: date) -> BoardRow:
    evaluation, status = row.evaluation, row.status
    target, assessment = evaluation.target, evaluation.assessment
    decimals, places = target.indicator.decimals, measures.status_places(status)
    actual = formatting.format_actual(status, decimals)
    promise = status_sentence.describe_target_promise(status)
    outlook = status["outlook"]
    return BoardRow(
        name=str(target.indicator),
        url=reverse("target", args=[target.identifier]),
        area=str(target.area),
        section=target.shown_section,
        lead=lead_name(target),
        label=label_of(evaluation),
        sense=sense_of(evaluation),
        since=_change_text(evaluation, row.before, compared_with),
        sentence=status_sentence.explain_reason(status),
        promise=promise,
        actual=actual,
        variance=formatting.format_variance(status, decimals),
        variance_sense=_variance_sense(evaluation),
        outlook=_outlook_text(status, outlook["value"], places),
        outlook_range=_range_text(outlook["low"], outlook["high"], places),
        covered=formatting.format_short_day(status["covered_through"]) if status["covered_through"] else "–",
        overdue=assessment.overdue,
        open_alerts=row.open_alerts,
        open_actions=row.open_actions,
        overdue_actions=row.overdue_actions,
        bullet=bullet(
            bullet_values(status),
            translate(f"actual {actual}, target {promise}", f"thực hiện {actual}, chỉ tiêu {promise}"),
            adds_up=target.indicator.accumulation == Accumulation.SUM,
        ),
        spark=sparkline(row.actuals, translate("actuals so far", "diễn biến thực hiện")),
        is_ended=evaluation.is_ended,
    )  # fmt: skip


def label_of(evaluation: Evaluation) -> str:
    """The word for the status; of a suspended or withdrawn target that it is so."""
    if evaluation.is_ended:
        return str(VERSION_STATE_LABELS[evaluation.state])
    return status_labels.label_assessment(evaluation.payload, evaluation.target.goal)


def sense_of(evaluation: Evaluation) -> str:
    """Whether the status of a target is good, to be watched, bad or neither: the name of a style class."""
    return _NEUTRAL if evaluation.is_ended else sense_of_status(evaluation.assessment.status)


def sense_of_status(status: Status) -> str:
    """Whether a status is good, to be watched, bad or neither: the name of a style class."""
    return _SENSE_BY_STATUS[status]


def build_tiles(counts: dict[str, int]) -> list[StatusTile]:
    """One tile for each status that some target has, worst first."""
    return [
        StatusTile(status.value, str(STATUS_LABELS[status]), counts[status.value], _SENSE_BY_STATUS[status])
        for status in WORST_FIRST
        if counts[status.value]
    ]


def headline(counts: dict[str, int], targets: int, rows: Iterable[BoardRow]) -> str:
    """The state of the plan in one sentence, and the reason of the worst target in another."""
    if not targets:
        return translate("The plan has no targets that count.", "Kế hoạch chưa có chỉ tiêu nào được tính.")
    on_the_way = counts[Status.MET] + counts[Status.EXCEEDED] + counts[Status.ON_TRACK]
    behind = counts[Status.MISSED] + counts[Status.OFF_TRACK]
    at_risk, silent = counts[Status.AT_RISK], counts[Status.NO_DATA]
    parts = [
        translate(f"{on_the_way} of {targets} targets are met or on track", f"{on_the_way}/{targets} chỉ tiêu đạt hoặc đúng tiến độ"),
        translate(f"{behind} missed or off track", f"{behind} không đạt hoặc chậm tiến độ") if behind else "",
        translate(f"{at_risk} at risk", f"{at_risk} có nguy cơ") if at_risk else "",
        translate(f"{silent} without data", f"{silent} chưa có kết quả") if silent else "",
    ]  # fmt: skip
    worst = next((row for row in rows if row.sense == _BAD), None)
    worst_text = f" {worst.name}: {worst.sentence}." if worst else ""
    return f"{', '.join(part for part in parts if part)}.{worst_text}"


def _variance_sense(evaluation: Evaluation) -> str:
    """Whether the distance from what is expected is good, in the direction of the target."""
    if evaluation.assessment.variance is None or evaluation.is_ended:
        return _NEUTRAL
    return _BAD if evaluation.assessment.shortfall else _GOOD


def _change_text(evaluation: Evaluation, before: Evaluation | None, compared_with: date) -> str:
    """How the status stood on the earlier day, where it was another one."""
    day = formatting.format_short_day(compared_with.isoformat())
    if before is None:
        return translate(f"not announced on {day}", f"ngày {day} chưa ban hành")
    if before.assessment.status == evaluation.assessment.status:
        return ""
    label = label_of(before)
    return translate(f"{label} on {day}", f"ngày {day}: {label}")


def _outlook_text(status: ExplainedAssessment, value: str | None, places: int) -> str:
    return formatting.format_value(value, formatting.shown_unit(status), places)


def _range_text(low: str | None, high: str | None, places: int) -> str:
    if low is None or high is None:
        return ""
    shown_low, shown_high = formatting.format_number(low, places), formatting.format_number(high, places)
    if shown_low == shown_high:
        return ""
    return translate(f"{shown_low} to {shown_high}", f"từ {shown_low} đến {shown_high}")


def bullet_values(status: ExplainedAssessment) -> BulletValues:
    """Return the numbers of a target that the charts show."""
    terms, expected, outlook = status["explanation"]["terms"], status["expected"], status["outlook"]
    texts = (
        status["actual"],
        terms["lower"],
        terms["upper"],
        expected["lower"],
        expected["upper"],
        outlook["value"],
        outlook["low"],
        outlook["high"],
    )
    return BulletValues(*(None if value is None else Decimal(value) for value in texts))
