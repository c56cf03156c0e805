"""The rows of the board in the words of the reader. Nothing is computed here: texts are made of the numbers given."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.safestring import SafeString

from indicators.domain.choices import Accumulation, IndicatorKind
from kpitracker.lib.i18n.text import translate
from targets.domain.choices import Status
from targets.models.target import VERSION_STATE_LABELS
from targets.pages.addresses import target_address
from targets.pages.board_reading import lead_name
from targets.pages.board_tasks import Task, list_tasks
from targets.pages.charts import BulletValues, bullet, sparkline
from targets.payloads.assessments import AssessmentPayload, ExplainedAssessment
from targets.services.evaluation.evaluate import Evaluation
from targets.services.reports.board import BoardTarget
from targets.services.text import formatting, measures, side_by_side, status_labels, status_sentence

GOOD, WATCHED, BAD, NEUTRAL = "good", "watched", "bad", "neutral"
SENSE_BY_STATUS = {
    Status.EXCEEDED: GOOD,
    Status.MET: GOOD,
    Status.ON_TRACK: GOOD,
    Status.AT_RISK: WATCHED,
    Status.OFF_TRACK: BAD,
    Status.MISSED: BAD,
    Status.NOT_DUE: NEUTRAL,
    Status.NO_DATA: NEUTRAL,
}


class BoardRow(NamedTuple):
    """One target in words. `sense` and `variance_sense` name style classes: good, watched, bad or neutral.

    `note`: what the numbers of the row do not say; mostly empty.
    """

    name: str
    url: str
    area: str
    lead: str
    lead_code: str
    label: str
    sense: str
    change: str
    note: str
    promise: str
    actual: str
    due: str
    variance: str
    variance_sense: str
    outlook: str
    outlook_range: str
    covered: str
    overdue: bool
    tasks: list[Task]
    bullet: SafeString
    spark: SafeString
    is_ended: bool


def build_row(row: BoardTarget, compared_with: date, *, today: date) -> BoardRow:
    """`compared_with`: the earlier day of the board. Of another day than today, the links keep the day."""
    evaluation, status = row.evaluation, row.status
    target, assessment = evaluation.target, evaluation.assessment
    places = measures.status_places(status)
    outlook, is_task = status["outlook"], formatting.kind_of(status) == IndicatorKind.YES_NO
    url = target_address(target, evaluation.as_of, today)
    return BoardRow(
        name=str(target.indicator),
        url=url,
        area=str(target.area),
        lead=lead_name(target),
        lead_code=target.answers_for.code if target.answers_for else "",
        label=label_of(evaluation, status),
        sense=sense_of(evaluation),
        change=_change_text(row, compared_with),
        note=_note(evaluation, status),
        promise=status_sentence.describe_target_promise(status),
        actual=measures.format_measure(status, status["actual"]),
        due=formatting.format_due(status, places),
        variance=_variance_text(evaluation, status),
        variance_sense=_variance_sense(evaluation),
        outlook=measures.format_measure(status, outlook["value"]),
        outlook_range=formatting.format_range(outlook["low"], outlook["high"], places)
        if outlook["low"] != outlook["high"] and not is_task
        else "",
        covered=formatting.format_short_day(status["covered_through"]) if status["covered_through"] else "–",
        overdue=assessment.overdue,
        tasks=list_tasks(row, url),
        bullet=bullet(bullet_values(status), adds_up=target.indicator.accumulation == Accumulation.SUM),
        spark=sparkline(row.actuals),
        is_ended=evaluation.is_ended,
    )


def label_of(evaluation: Evaluation, payload: AssessmentPayload | None = None) -> str:
    """The word for the status; of a suspended or withdrawn target that it is so. `payload`: its own, if it is at hand."""
    if evaluation.is_ended:
        return str(VERSION_STATE_LABELS[evaluation.state])
    return status_labels.label_assessment(payload or evaluation.payload, evaluation.target.goal)


def sense_of_status(status: str) -> str:
    """The name of the style class of a status."""
    return SENSE_BY_STATUS[Status(status)]


def sense_of(evaluation: Evaluation) -> str:
    """Whether the status of a target is good, to be watched, bad or neither: the name of a style class."""
    return NEUTRAL if evaluation.is_ended else SENSE_BY_STATUS[evaluation.assessment.status]


def _variance_sense(evaluation: Evaluation) -> str:
    """Whether the distance from what is expected is good, in the direction of the target."""
    if evaluation.assessment.variance is None or evaluation.is_ended:
        return NEUTRAL
    return BAD if evaluation.assessment.shortfall else GOOD


def _variance_text(evaluation: Evaluation, status: ExplainedAssessment) -> str:
    """The distance with its sign, and in a word whether it is good: a sign alone is good for some targets, bad for others."""
    variance = _signed_variance(evaluation, status)
    if variance == "–":
        return variance
    word = {GOOD: translate(" good", " tốt"), BAD: translate(" bad", " kém")}.get(_variance_sense(evaluation), "")
    return f"{variance}{word}"


def _signed_variance(evaluation: Evaluation, payload: AssessmentPayload) -> str:
    indicator = evaluation.target.indicator
    text = formatting.format_variance(payload, indicator.decimals, indicator.kind)
    variance = evaluation.assessment.variance
    is_plain = not formatting.is_rank(payload) and text != "–"
    return f"+{text}" if variance is not None and variance > 0 and is_plain else text


def _change_text(row: BoardTarget, compared_with: date) -> str:
    """Whether the target stands better or worse than on the earlier day, and how it stood then."""
    before = row.before
    if before is None:
        day = formatting.format_short_day(compared_with.isoformat())
        return translate(f"not announced on {day}", f"ngày {day} chưa ban hành")
    now, earlier = row.evaluation, before.assessment
    then = []
    if (earlier.status, before.state) != (now.assessment.status, now.state):
        then.append(label_of(before))
    before_variance = _signed_variance(before, before.payload)
    if earlier.variance not in (None, now.assessment.variance) and before_variance != "–":
        then.append(before_variance)
    if not then:
        return translate("unchanged", "không đổi")
    before_text = translate(f"before: {', '.join(then)}", f"trước: {', '.join(then)}")
    return f"{_trend_word(row.trend)}{before_text}"


def _trend_word(trend: int) -> str:
    if not trend:
        return ""
    return translate("better, ", "tốt hơn, ") if trend > 0 else translate("worse, ", "kém hơn, ")


def _note(evaluation: Evaluation, status: ExplainedAssessment) -> str:
    pace = side_by_side.pace_sentence(status, evaluation.target.goal, evaluation.target.indicator.decimals)
    phrase = status_sentence.explain_beyond_numbers(status)
    return " ".join(part for part in (f"{phrase}." if phrase and pace else phrase, pace) if part)


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
