"""Why a target has no value, as a phrase in the active language."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from indicators.domain.choices import MissingReason
from indicators.domain.missing_values import MissingSlug
from indicators.models.measurement import MISSING_REASONS
from kpitracker.lib.i18n.text import translate, translate_name
from targets.payloads.alerts import AlertSnapshot
from targets.payloads.explanations import AssessmentExplanation, MissingReasonPayload, NamePayload
from targets.services.text import formatting


class ReasonNames(NamedTuple):
    """Names in the active language, by code. A code without a name is shown as it is.

    `reporter`: the department that posted the figure without a value; "" when it is not known.
    """

    indicators: Mapping[str, str]
    areas: Mapping[str, str]
    reporter: str = ""


NO_NAMES: Final = ReasonNames({}, {})


def names_of_explanation(explanation: AssessmentExplanation) -> ReasonNames:
    # Explanations that were stored by earlier releases have codes only.
    return ReasonNames(
        _translate_names(explanation["indicators"]),
        _translate_names(explanation.get("areas", [])),
        _translate_reporter(explanation.get("reporter")),
    )


def names_of_snapshot(snapshot: AlertSnapshot) -> ReasonNames:
    names = snapshot.get("reason_names")
    return (
        ReasonNames(
            _translate_names(names["indicators"]),
            _translate_names(names["areas"]),
            _translate_reporter(names.get("reporter")),
        )
        if names
        else NO_NAMES
    )


def name_indicator(snapshot: AlertSnapshot, code: str) -> str:
    """The name of the indicator of an alert, or of one that its formula reads; the code where the name is not known."""
    if code == snapshot["indicator"]:
        return translate_name(snapshot["indicator_name"] or "", snapshot["indicator_name_en"] or "") or code
    return _translate_names(snapshot.get("input_names", [])).get(code, code)


def _translate_names(rows: Iterable[NamePayload]) -> dict[str, str]:
    names = {row["code"]: translate_name(row.get("name", ""), row.get("name_en", "")) for row in rows}
    return {code: name for code, name in names.items() if name}


def _translate_reporter(row: NamePayload | None) -> str:
    return translate_name(row["name"], row["name_en"]) if row else ""


def join_names(names: Sequence[str]) -> str:
    """`Binh Duong`, `Ba Ria and Binh Duong`, `Ba Ria, Binh Duong and Con Dao`."""
    last = names[-1:]
    return translate(" and ", " và ").join([*([", ".join(names[:-1])] if names[1:] else []), *last])


def missing_phrase(reason: MissingReasonPayload, names: ReasonNames) -> str:
    """Return what is missing, such as `figures of “Retail sales” for the first quarter of 2024 are missing`."""
    slug, code = reason["slug"], f"“{names.indicators.get(reason['indicator'] or '', reason['indicator'])}”"
    span = formatting.format_period_noun(reason["period"]) if reason["period"] else ""
    day = formatting.format_day(reason["day"]) if reason["day"] else ""
    match slug:
        case MissingSlug.NOTHING_REPORTED:
            return nothing_reported_phrase(reason, code)
        case MissingSlug.ONLY_FORECAST:
            return translate(
                f"only a forecast of {code} for {span} was reported, and no target is judged by a forecast",
                f"{code} mới chỉ có số dự báo của {span}, chưa có số thực hiện để đánh giá",
            )
        case MissingSlug.WITHOUT_VALUE:
            return _empty_figure_phrase(reason, code, span, day, names.reporter)
        case MissingSlug.GAP:
            return translate(
                f"figures of {code} for {span} are missing, so later ones give no value yet",
                f"thiếu số liệu {code} của {span} nên chưa tính được kết quả từ số liệu các kỳ sau",
            )
        case MissingSlug.BASE_MISSING:
            return translate(
                f"no growth can be computed, because figures of {code} for {span} are missing",
                f"chưa tính được tốc độ tăng vì thiếu số liệu {code} của {span} để so sánh",
            )
        case MissingSlug.BASE_NOT_ABOVE_ZERO:
            return translate(
                f"no growth can be computed, because the value for {span} is not above zero",
                f"không tính được tốc độ tăng vì giá trị so sánh của {span} không lớn hơn 0",
            )
        case MissingSlug.DIVISION_BY_ZERO:
            return translate(
                f"{code} cannot be computed for {span}, because it would be divided by zero",
                f"không tính được {code} của {span} vì phải chia cho 0",
            )
        case MissingSlug.SERIES_BREAK:
            return translate(
                f"{code} has been measured in another way since {day}, and figures from before cannot be compared or added",
                f"từ {day} {code} được tính theo phương pháp khác, số liệu trước và sau không so sánh hay cộng được với nhau",
            )
        case MissingSlug.TERRITORY_CHANGED:
            return _merger_phrase(
                code, span, day, join_names([names.areas.get(area, area) for area in reason["areas"]])
            )
    return translate(f"figures of {code} for {span} are missing", f"thiếu số liệu {code} của {span}")


def _merger_phrase(code: str, span: str, day: str, areas: str) -> str:
    """`areas`: those whose figures are missing; "" for what is not added up over areas."""
    if not areas:
        return translate(
            f"figures of {code} from before and after the merger of {day} are of different territories",
            f"số liệu {code} trước và sau sáp nhập ({day}) thuộc phạm vi địa bàn khác nhau",
        )
    return translate(
        f"to compare like with like after the merger of {day}, figures of {code} for {span} are missing from {areas}",
        f"để so sánh cùng phạm vi sau sáp nhập ({day}), còn thiếu số liệu {code} của {span} từ {areas}",
    )


def _empty_figure_phrase(reason: MissingReasonPayload, code: str, span: str, day: str, reporter: str) -> str:
    """Who said of a figure that it has no value, when, and why."""
    # Reasons that were stored by earlier releases do not say it.
    why = MISSING_REASONS.get(MissingReason(reason.get("missing_reason") or MissingReason.NOT_AVAILABLE))
    by = translate(f" by {reporter}", f" {reporter}") if reporter else ""
    on = translate(f" on {day}", f" ({day})") if day else ""
    return translate(
        f"the figure of {code} for {span} was marked as “{why}”{by}{on}",
        f"số liệu {code} của {span} được{by} ghi là “{why}”{on}",
    )


def nothing_reported_phrase(reason: MissingReasonPayload | None, code: str = "") -> str:
    """That nothing was reported, or that what had been was taken back. `code`: of which indicator, where it must be said."""
    of, of_vi = (f" of {code}", f" về {code}") if code else ("", "")
    if reason is None or reason.get("missing_reason") != MissingReason.WITHDRAWN or reason["day"] is None:
        return translate(f"nothing was reported{of}", f"chưa có báo cáo nào{of_vi}")
    day = formatting.format_day(reason["day"])
    return translate(
        f"what had been reported{of} was taken back on {day}", f"số liệu đã báo cáo{of_vi} được rút lại {day}"
    )
