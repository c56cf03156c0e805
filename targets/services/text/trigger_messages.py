"""The sentences about the trigger of an alert, in the active language, built from the stored snapshot."""

from decimal import Decimal

from django.utils.translation import get_language

from kpitracker.lib.i18n.text import translate, translate_name
from targets.domain.choices import VersionState
from targets.domain.same_period import KINDS_OF_DIFFERENCE
from targets.models.target import VERSION_STATE_LABELS
from targets.payloads.alerts import (
    AlertSnapshot,
    AmendmentFinding,
    DueSoonFinding,
    EdgeValues,
    Finding,
    InhibitionFinding,
    MetEarlyFinding,
    OverdueActionFinding,
    RecoveredFinding,
    RevisionFinding,
)
from targets.services.text import formatting
from targets.services.text.missing_reasons import name_indicator
from targets.services.text.status_labels import status_label


def trigger_sentence(finding: Finding, snapshot: AlertSnapshot) -> str:
    """Describe the trigger in one or two sentences."""
    if finding["kind"] == "recovered":
        return _recovered_sentence(finding, snapshot)
    if finding["kind"] == "met_early":
        return _met_early_sentence(finding, snapshot)
    if finding["kind"] == "revised_beyond":
        return _revised_sentence(finding, snapshot)
    if finding["kind"] == "target_amended":
        return _amended_sentence(finding, formatting.shown_unit(snapshot))
    if finding["kind"] == "due_soon":
        return _due_soon_sentence(finding)
    if finding["kind"] == "action_overdue":
        return _overdue_action_sentence(finding)
    return _inhibition_sentence(finding)


def _label(status: str, snapshot: AlertSnapshot) -> str:
    return status_label(status, snapshot["goal"] or "", is_rank=formatting.is_rank(snapshot))


def _recovered_sentence(finding: RecoveredFinding, snapshot: AlertSnapshot) -> str:
    before, after = _label(finding["before"], snapshot), _label(finding["after"], snapshot)
    return translate(f"It was {before} and is {after} now.", f"Trước đó {before}, nay đã {after}.")


def _met_early_sentence(finding: MetEarlyFinding, snapshot: AlertSnapshot) -> str:
    after, period_end = _label(finding["after"], snapshot), formatting.format_day(finding["ends"])
    if finding["covered_through"] in (None, finding["ends"]):
        return translate(
            f"It is {after} before its period ends, on {period_end}.",
            f"Đã {after} trước khi hết kỳ ({period_end}).",
        )
    covered_through = formatting.format_day(finding["covered_through"])
    return translate(
        f"It is {after} already, by figures through {covered_through}; its period ends on {period_end}.",
        f"Đã {after} ngay với số liệu đến {covered_through}, trong khi đến {period_end} mới hết kỳ.",
    )


def _revised_sentence(finding: RevisionFinding, snapshot: AlertSnapshot) -> str:
    period, unit = formatting.format_period(finding["period"]), formatting.shown_unit(snapshot)
    is_own_indicator = finding["indicator"] == snapshot["indicator"]
    # The decimals of another indicator are not known here: its figures are shown as they were posted.
    decimals = snapshot["decimals"] if is_own_indicator else 6
    before, after = formatting.format_figures([finding["before"], finding["after"]], decimals)
    if is_own_indicator and unit:
        before, after = formatting.format_amount(before, unit), formatting.format_amount(after, unit)
    source = (
        ""
        if is_own_indicator
        else f" ({name_indicator(snapshot, finding['indicator'])}, {_area_name(finding, snapshot)})"
    )
    percent = "" if finding["percent"] is None else f" ({formatting.format_number(finding['percent'])} %)"
    if is_own_indicator and snapshot.get("kind") in KINDS_OF_DIFFERENCE:
        change = Decimal(finding["after"]) - Decimal(finding["before"])
        percent = f" ({formatting.format_change(snapshot, change, decimals, snapshot['kind'])})"
    sentence = translate(
        f"The figure of {period}{source} was revised from {before} to {after}{percent}.",
        f"Số liệu {period}{source} được sửa từ {before} thành {after}{percent}.",
    )
    return f"{sentence}{_others_sentence(finding['others'], 'figures', 'số liệu khác')}"


def _area_name(finding: RevisionFinding, snapshot: AlertSnapshot) -> str:
    if finding["area"] != snapshot["area"]:
        return finding["area"]
    return translate_name(snapshot["area_name"] or "", snapshot["area_name_en"] or "") or finding["area"]


def _amended_sentence(finding: AmendmentFinding, unit: str) -> str:
    announced, number = formatting.format_day(finding["announced"]), finding["version"]
    before, after = _edges_text(finding["before"], unit), _edges_text(finding["after"], unit)
    act = f" ({finding['act']})" if finding["act"] else ""
    sentence = translate(
        f"The target was amended on {announced}{act}, version {number}: {before} became {after}.",
        f"Chỉ tiêu được điều chỉnh {announced}{act}, phiên bản {number}: từ {before} thành {after}.",
    )
    if VersionState(finding.get("state", VersionState.AMENDED)).is_ended:
        state = VERSION_STATE_LABELS[VersionState(finding["state"])]
        sentence = translate(
            f"The target is {state} from {announced}{act}: it is not counted and no figure is owed for it.",
            f"Chỉ tiêu {state} từ {announced}{act}: không tính và không cần báo cáo số liệu.",
        )
    elif before == after:
        sentence = translate(
            f"The target was amended on {announced}{act}, version {number}; its number stays {after}.",
            f"Chỉ tiêu được điều chỉnh {announced}{act}, phiên bản {number}; con số vẫn là {after}.",
        )
    return f"{sentence} {finding['reason']}".strip()


def _edges_text(edges: EdgeValues, unit: str) -> str:
    edge_texts = [
        formatting.format_amount(formatting.format_number(edge), unit)
        for edge in (edges["lower"], edges["upper"])
        if edge
    ]
    return " – ".join(edge_texts) or translate("no number", "không có con số")


def _due_soon_sentence(finding: DueSoonFinding) -> str:
    period, due_day = formatting.format_period(finding["period"]), formatting.format_day(finding["due"])
    return translate(
        f"The figures of {period} are due on {due_day} and have not come yet.",
        f"Số liệu {period} đến hạn {due_day}, hiện chưa có.",
    )


def _overdue_action_sentence(finding: OverdueActionFinding) -> str:
    is_english = (get_language() or "").startswith("en")
    department = (is_english and finding["department_en"]) or finding["department"]
    responsible = ", ".join(part for part in (department, finding["person"]) if part) or "–"
    action_text, due_day = " ".join(finding["text"].split()), formatting.format_day(finding["due"])
    sentence = translate(
        f"Overdue since {due_day}: {action_text} ({responsible}).",
        f"Biện pháp quá hạn từ {due_day}: {action_text} ({responsible}).",
    )
    return f"{sentence}{_others_sentence(finding['others'], 'actions', 'biện pháp khác')}"


def _inhibition_sentence(finding: InhibitionFinding) -> str:
    waiting_count = finding["waiting_count"]
    return translate(
        f"The department has posted none of the figures that are due: {waiting_count} targets wait for figures. "
        "This alert covers all of them.",
        f"Đơn vị chưa gửi số liệu nào đến hạn: {waiting_count} chỉ tiêu đang chờ số liệu, được báo chung tại đây.",
    )


def _others_sentence(count: int, plural: str, plural_vi: str) -> str:
    if not count:
        return ""
    noun = plural.removesuffix("s") if count == 1 else plural
    return " " + translate(f"The same applies to {count} more {noun}.", f"Còn {count} {plural_vi} cũng vậy.")
