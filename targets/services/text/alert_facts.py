"""What an alert is about, as short texts in the active language, built from the stored snapshot."""

from typing import Literal, TypedDict

from django.utils.translation import get_language

from indicators.domain.choices import IndicatorKind, Stage
from indicators.models.measurement import STAGES
from indicators.services.access.person_names import shown_name
from kpitracker.lib.i18n.text import is_vietnamese, translate
from targets.domain.choices import Goal, PaceUnit, VersionState
from targets.payloads.alerts import AlertSnapshot, ReminderSnapshot
from targets.payloads.explanations import FigurePayload
from targets.services.text import trigger_messages
from targets.services.text.formatting import (
    assessment_places,
    format_amount,
    format_day,
    format_figures,
    format_measured,
    format_number,
    format_pace,
    format_period,
    format_variance,
    is_rank,
    shown_unit,
)
from targets.services.text.missing_reasons import missing_phrase, name_indicator, names_of_snapshot
from targets.services.text.promises import Promise, describe_promise, exclude_lower, exclude_upper, is_end_of_scale
from targets.services.text.side_by_side import pace_sentence
from targets.services.text.status_labels import label_standing, status_label

_NameField = Literal["indicator_name", "area_name", "plan_name", "department_name"]
_EnglishField = Literal["indicator_name_en", "area_name_en", "plan_name_en", "department_name_en"]


class AlertTexts(TypedDict):
    """The parts of a message as short texts, with numbers and days in the style of the active language.

    `has_numbers`: false of a target that was suspended or withdrawn before it had a value.
    """

    indicator: str
    area: str
    plan: str
    department: str
    period: str
    status: str
    before: str
    band: str
    missing: str
    actual: str
    through: str
    due: str
    expected: str
    has_numbers: bool
    variance: str
    required: str
    required_label: str
    recipients: str
    figures: list[str]
    judgement: str
    why: str


def name_in_language(facts: AlertSnapshot | ReminderSnapshot, name: _NameField, english_name: _EnglishField) -> str:
    """Return a name of the snapshot in the active language; "–" if there is none."""
    is_english = (get_language() or "").startswith("en")
    return (is_english and facts[english_name]) or facts[name] or "–"


def message_context(snapshot: AlertSnapshot) -> AlertTexts:
    """Return all facts of an alert as texts."""
    unit = shown_unit(snapshot)
    expected, required = snapshot["expected"], snapshot["required"]
    places = assessment_places(snapshot, snapshot["decimals"], snapshot["lower"], snapshot["upper"])
    goal, before, kind = snapshot["goal"] or "", snapshot["before"], snapshot.get("kind", "")
    edges = (None if goal == Goal.AT_MOST else expected["lower"], None if goal == Goal.AT_LEAST else expected["upper"])
    lower, upper = (None if edge is None else format_measured(snapshot, edge, places, kind) for edge in edges)
    required_edge = required["lower"] if required["lower"] is not None else required["upper"]
    return {
        "indicator": name_in_language(snapshot, "indicator_name", "indicator_name_en"),
        "area": name_in_language(snapshot, "area_name", "area_name_en"),
        "plan": name_in_language(snapshot, "plan_name", "plan_name_en"),
        "department": name_in_language(snapshot, "department_name", "department_name_en")
        if snapshot["department_name"]
        else translate("no lead named", "chưa nêu đơn vị chủ trì"),
        "period": format_period(snapshot["period"]),
        "status": label_standing(snapshot, goal),
        "before": status_label(before, goal, is_rank=is_rank(snapshot)) if before else "–",
        "band": _band(snapshot, unit),
        "missing": _missing(snapshot),
        "actual": format_measured(snapshot, snapshot["actual"], places, kind),
        "through": format_day(snapshot["covered_through"]) if snapshot["covered_through"] else "",
        "due": _due_label(snapshot),
        "expected": _join_edges(snapshot, lower, upper) or "–",
        "has_numbers": snapshot["actual"] is not None or not _is_ended(snapshot),
        "variance": format_variance(snapshot, snapshot["decimals"], kind),
        "required": "" if required_edge is None else format_pace(snapshot, required_edge, places, kind),
        "required_label": translate("Needed over all that is left", "Cần đạt trong cả phần còn lại")
        if required.get("per") == PaceUnit.REST
        else translate("Needed per period", "Cần đạt mỗi kỳ"),
        "recipients": ", ".join(_recipient_names(snapshot)),
        "figures": [_format_figure(figure, snapshot) for figure in snapshot["figures"]],
        "judgement": _judgement(snapshot),
        "why": _why(snapshot),
    }


def _band(snapshot: AlertSnapshot, unit: str) -> str:
    lower, upper = (
        None if edge is None else format_amount(format_number(edge), unit)
        for edge in (snapshot["lower"], snapshot["upper"])
    )
    return describe_promise(
        Promise(
            snapshot["goal"],
            lower,
            upper,
            lower_open=snapshot["lower_open"],
            upper_open=snapshot["upper_open"],
            about=snapshot.get("about", False),
            is_rank=is_rank(snapshot),
            is_task=snapshot.get("kind") == IndicatorKind.YES_NO,
            is_end_of_scale=is_end_of_scale(
                snapshot.get("kind", ""), snapshot["goal"], snapshot["lower"], snapshot["upper"]
            ),
            unit=unit,
        )
    )


def _join_edges(snapshot: AlertSnapshot, lower: str | None, upper: str | None) -> str:
    """The edges that are due by now, each as what it is: an edge that is open is not itself enough."""
    if lower is not None and snapshot["lower_open"]:
        lower = exclude_lower(lower)
    if upper is not None and snapshot["upper_open"]:
        upper = exclude_upper(upper, is_rank=is_rank(snapshot))
    return " – ".join(edge for edge in (lower, upper) if edge is not None)


def _missing(snapshot: AlertSnapshot) -> str:
    """Why there is no value, as a sentence; "" if there is one, or if a person judges the target.

    Of a suspended or withdrawn target too: the reason is that of the day before, and nothing is missing any more.
    """
    reason = snapshot.get("reason")
    if snapshot["actual"] is not None or reason is None or _is_ended(snapshot):
        return ""
    phrase = missing_phrase(reason, names_of_snapshot(snapshot))
    return f"{phrase[0].upper()}{phrase[1:]}."


def _is_ended(snapshot: AlertSnapshot) -> bool:
    return VersionState(snapshot.get("state") or VersionState.ADOPTED).is_ended


def _due_label(snapshot: AlertSnapshot) -> str:
    """What the expected edge is called: a ceiling allows, a range holds, everything else is due."""
    if snapshot["goal"] == Goal.AT_MOST and not is_rank(snapshot):
        return translate("allowed", "cho phép")
    return translate("due", "cần đạt")


def _recipient_names(snapshot: AlertSnapshot) -> list[str]:
    """Names in the active language. Messages that were stored without `recipients_en` have one language."""
    names = snapshot.get("recipients", [])
    return names if is_vietnamese() else snapshot.get("recipients_en", names)


def _judgement(snapshot: AlertSnapshot) -> str:
    """Who judged a target without a number, and why; empty for any other target."""
    judgement = snapshot.get("judgement")
    if judgement is None:
        return ""
    by, day = shown_name(judgement["by"]), format_day(judgement["day"])
    return translate(f"{judgement['reason']} (judged by {by} on {day})", f"{judgement['reason']} ({by} đánh giá {day})")


def _format_figure(figure: FigurePayload, snapshot: AlertSnapshot) -> str:
    """Return the text of a figure behind the status, with its stage and its day of publication."""
    has_date = figure["published"] != "unknown"
    published = format_day(figure["published"]) if has_date else translate("unknown", "không rõ")
    stage = str(STAGES[Stage(figure["stage"])]) if figure["stage"] else translate("no stage stated", "chưa nêu loại")
    # The unit and decimals of an input of a formula are not known here: it is shown as it was posted.
    name, value = name_indicator(snapshot, figure["indicator"]), format_number(figure["value"])
    if figure["indicator"] == snapshot["indicator"] and figure["value"] is not None:
        (formatted,) = format_figures([figure["value"]], snapshot["decimals"])
        value = format_amount(formatted, shown_unit(snapshot))
    origin = translate(f"({stage}, published {published})", f"({stage}, công bố {published})")
    return f"{name}, {format_period(figure['period'])}: {value} {origin}"


def _why(snapshot: AlertSnapshot) -> str:
    """Return what triggered the alert, or since when its data is missing; "" if the numbers say it."""
    finding, missing_since = snapshot.get("finding"), snapshot.get("data_missing_since")
    if finding and not finding.get("over"):
        return trigger_messages.trigger_sentence(finding, snapshot)
    if missing_since is None or _is_ended(snapshot):
        return pace_sentence(snapshot, snapshot["goal"], snapshot["decimals"])
    day = format_day(missing_since)
    return translate(
        f"The data is missing since {day}: the figures vanished or never came.",
        f"Thiếu số liệu từ {day}: số liệu đã bị rút hoặc chưa được gửi.",
    )
