"""A written report of an assessment, made from its explanation, in the active language."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.choices import IndicatorKind
from kpitracker.lib.i18n.text import text, translate
from targets.domain.choices import PaceUnit, Profile, VersionState
from targets.models.target import PROFILE_LABELS, VERSION_STATE_LABELS
from targets.payloads.assessments import ExplainedAssessment, StatusDocument
from targets.payloads.explanations import AssessmentExplanation, EquationPayload, ExplanationFigurePayload
from targets.services.evaluation import explanations
from targets.services.evaluation.evaluate import Evaluation
from targets.services.text import formatting, measures, side_by_side, status_sentence
from targets.services.text.equation_rows import EquationRow, equation_rows
from targets.services.text.missing_reasons import names_of_explanation

STAGE_LABELS = {
    "": text("not stated", "không nêu"),
    "estimate": text("estimate", "ước tính"),
    "preliminary": text("preliminary", "sơ bộ"),
    "official": text("official", "chính thức"),
}
_OUTLOOK_NAMES = ("outlook", "outlook_low", "outlook_high", "required_lower", "required_upper")


class ReportPart(NamedTuple):
    """A part of the report for pages: its numbers, then what is said in sentences."""

    title: str
    equations: list[EquationRow]
    sentences: list[str]


_Lines = Iterator[str] | Iterator[EquationRow] | Iterator[str | EquationRow]


def build_report(evaluation: Evaluation) -> str:
    indicator, area = evaluation.target.indicator, evaluation.target.area
    heading = translate(
        f"{indicator.name_en or indicator.name}, {area.name_en or area.name}",
        f"{indicator.name}, {area.name}",
    )
    return render_report(explanations.status_document(evaluation), heading)


def render_report(status: StatusDocument, heading: str) -> str:
    """Render `status`, the document of the API; the heading names the indicator and the area."""
    as_of = formatting.format_day(status["as_of"])
    lines = [f"{heading} ({status['target']})", translate(f"As of {as_of}", f"Tính đến hết {as_of}"), ""]
    lines += [status_sentence.explain_status(status), ""]
    for title, content in _report_sections(status):
        if content_lines := list(content):
            lines += [title.upper(), *(f"  {line}".rstrip() for line in content_lines), ""]
    return "\n".join(lines)


def report_parts(status: ExplainedAssessment) -> list[ReportPart]:
    """Return the parts of the report without its table of figures, for pages."""
    parts = ((title, list(content)) for title, content in _report_sections(status, with_figures=False))
    return [
        ReportPart(
            title,
            [line for line in lines if isinstance(line, EquationRow)],
            [line.rstrip(".") for line in lines if isinstance(line, str)],
        )
        for title, lines in parts
        if lines
    ]


def _report_sections(status: ExplainedAssessment, *, with_figures: bool = True) -> Iterator[tuple[str, _Lines]]:
    explanation = status["explanation"]
    equations = explanation["arithmetic"]
    current_equations = [equation for equation in equations if equation["name"] not in _OUTLOOK_NAMES]
    yield translate("Promised", "Kế hoạch"), _target_lines(status)
    if with_figures:
        yield translate("Figures used", "Số liệu đã dùng"), _figure_table(explanation)
    yield translate("Sums over areas", "Tổng theo địa bàn"), _regional_sum_lines(explanation)
    yield translate("Arithmetic", "Phép tính"), equation_rows(status, current_equations)
    outlook_equations = [equation for equation in equations if equation["name"] in _OUTLOOK_NAMES]
    yield translate("To come", "Sắp tới"), _outlook_lines(status, outlook_equations)
    beside = side_by_side.side_by_side_lines(
        status,
        explanation["indicators"][0]["decimals"],
        explanation["terms"]["goal"],
        names_of_explanation(explanation),
    )
    yield translate("Beside it", "So sánh"), beside
    yield translate("Milestones", "Các mốc"), _milestone_lines(status)
    yield translate("Freshness", "Độ mới của số liệu"), _freshness_lines(status)


def _target_lines(status: ExplainedAssessment) -> Iterator[str]:
    explanation = status["explanation"]
    terms, version = explanation["terms"], explanation["version"]
    state, announced = VERSION_STATE_LABELS[VersionState(version["state"])], formatting.format_day(version["announced"])
    number = version["number"]
    yield translate(
        f"version {number} ({state}), announced on {announced}: {version['act']}",
        f"phiên bản {number} ({state}), ban hành {announced}: {version['act']}",
    )
    if version["reason"]:
        yield translate(f"reason: {version['reason']}", f"lý do: {version['reason']}")
    if terms["qualitative"]:
        return
    yield f"{status_sentence.describe_target_promise(status)}, {formatting.format_period(terms['period'])}"
    yield from _trajectory_lines(status)
    yield from _tolerance_lines(status)


def _trajectory_lines(status: ExplainedAssessment) -> Iterator[str]:
    """How the expected value grows inside the period."""
    explanation = status["explanation"]
    terms, profile = explanation["terms"], explanation["profile"]
    profile_label = PROFILE_LABELS[Profile(profile["used"])]
    yield translate(f"how the expected value grows: {profile_label}", f"mức cần đạt theo thời gian: {profile_label}")
    if profile["fallback"]:
        yield translate(
            "(last year's season is not known, or too unusual to go by)",
            "(chưa biết mùa vụ năm trước, hoặc mùa vụ năm trước quá khác thường)",
        )
    if terms["baseline"] is not None:
        baseline, baseline_day = (
            measures.format_measure(status, terms["baseline"], exact=True),
            formatting.format_day(profile["baseline_day"]),
        )
        yield translate(f"baseline {baseline} on {baseline_day}", f"mức đầu kỳ {baseline}, {baseline_day}")
    for share in explanation["season"]:
        decimals = explanation["indicators"][0]["decimals"]
        part, whole = (formatting.format_computed(value, decimals) for value in (share["part"], share["whole"]))
        span = formatting.format_period(share["period"])
        line = translate(f"{span}: {part} of {whole} by that day", f"{span}: đến ngày đó {part} trên {whole}")
        if share["interpolated"]:
            line += translate(", on a straight line between two figures", ", nội suy giữa hai số liệu")
        yield line


def _tolerance_lines(status: ExplainedAssessment) -> Iterator[str]:
    tolerance = status["explanation"]["tolerance"]
    # What is done or not done has no distance.
    if tolerance is None or formatting.kind_of(status) == IndicatorKind.YES_NO:
        return
    if tolerance["value"] is not None and tolerance["percent"] is None:
        value = measures.format_distance(status, Decimal(tolerance["value"]), exact=True)
        yield translate(f"tolerance {value}, as given", f"sai lệch cho phép {value}, được quy định")
        return
    percent, by_default = formatting.format_number(tolerance["percent"]), tolerance["from"] == "default"
    base = translate("the expected value", "mức cần đạt")
    if tolerance["of"] == "distance":
        base = translate("the distance from the baseline", "quãng đường từ mức đầu kỳ")
    line = translate(f"tolerance {percent} % of {base}", f"sai lệch cho phép {percent} % của {base}")
    yield line + (translate(" (the default)", " (mặc định)") if by_default else "")


def figure_rows(explanation: AssessmentExplanation) -> list[list[str]]:
    """Return the heads of the columns, then the cells of each figure; nothing without figures."""
    figures = explanation["figures"]
    kinds = {row["code"]: row["kind"] for row in explanation["indicators"]}
    if not figures:
        return []
    headers = [
        translate("indicator", "chỉ số"),
        translate("period", "kỳ"),
        translate("value", "giá trị"),
        translate("stage", "giai đoạn"),
        translate("published", "công bố"),
        translate("rev.", "lần"),
        translate("source", "nguồn"),
    ]
    return [headers, *(_figure_cells(figure, kinds.get(figure["indicator"], "")) for figure in figures)]


def _figure_table(explanation: AssessmentExplanation) -> Iterator[str]:
    rows = figure_rows(explanation)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if column == 2 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells)


def _regional_sum_lines(explanation: AssessmentExplanation) -> Iterator[str]:
    """The sums over areas, area by area, and the areas that have not reported."""
    for figure in explanation["figures"]:
        if parts := figure.get("parts"):
            sum_text = " + ".join(f"{part['area']} {formatting.format_number(part['value'], 6)}" for part in parts)
            yield f"{figure['indicator']} {figure['period']} = {sum_text} = {formatting.format_number(figure['value'], 6)}"
    for entry in explanation.get("completeness", []):
        reported, expected = entry["reported"], entry["expected"]
        if reported < expected:
            label = translate(
                f"{reported} of {expected} areas reported; missing",
                f"{reported}/{expected} địa bàn đã báo cáo; còn thiếu",
            )
            ellipsis = ", …" if expected - reported > len(entry["missing"]) else ""
            yield f"{entry['indicator']} {entry['period']}: {label}: {', '.join(entry['missing'])}{ellipsis}"


def _figure_cells(figure: ExplanationFigurePayload, kind: str) -> list[str]:
    qualifier = status_sentence.QUALIFIER_NAMES.get(figure["qualifier"])
    value = formatting.format_number(figure["value"], 6)
    if kind == IndicatorKind.YES_NO and figure["value"] in ("0", "1"):
        value = formatting.format_done(is_done=figure["value"] == "1")
    late = translate(" (recorded late)", " (ghi muộn)") if figure["recorded_late"] else ""
    return [
        figure["indicator"],
        figure["period"],
        f"{qualifier} {value}" if qualifier else value,
        str(STAGE_LABELS[figure["stage"]]),
        _published_cell(figure["published"]) + late,
        _revision_cell(figure),
        figure["source"],
    ]


def _revision_cell(figure: ExplanationFigurePayload) -> str:
    """A sum over areas was not posted: it has no revision, but the figures that it adds up."""
    if count := len(figure.get("parts", ())):
        return translate(f"sum of {count} {'figure' if count == 1 else 'figures'}", f"tổng của {count} số liệu")
    return str(figure["revision"] or "–")


def _published_cell(published: str) -> str:
    return translate("unknown", "không rõ") if published == "unknown" else formatting.format_short_day(published)


def _outlook_lines(status: ExplainedAssessment, equations: list[EquationPayload]) -> Iterator[str | EquationRow]:
    yield from equation_rows(status, equations)
    required, per = status["explanation"]["required"], status["required"]["per"]
    if required is None or per is None or not any(equation["name"].startswith("required") for equation in equations):
        return
    yield _pace_line(status, per, required["periods_left"])
    for seen in required["best_seen"]:
        decimals = status["explanation"]["indicators"][0]["decimals"]
        best, span = formatting.format_computed(seen["value"], decimals), formatting.format_period(seen["period"])
        when, best = (
            formatting.format_in_period(seen["period"]),
            side_by_side.best_seen_phrase(per, seen["period"], best),
        )
        yield (
            translate(f"the most ever seen was {best}, {when}", f"mức cao nhất từng có là {best}, {span}")
            if seen["edge"] == "lower"
            else translate(f"the least ever seen was {best}, {when}", f"mức thấp nhất từng có là {best}, {span}")
        )
    if count := required["periods_seen"]:
        yield translate(f"reporting periods known: {count}", f"số kỳ báo cáo đã biết: {count}")
    goal, decimals = status["explanation"]["terms"]["goal"], status["explanation"]["indicators"][0]["decimals"]
    if sentence := side_by_side.pace_sentence(status, goal, decimals):
        yield sentence


def _pace_line(status: ExplainedAssessment, per: str, periods_left: int) -> str:
    """What the required pace is of: of each reporting period that is left, or of all that is left together."""
    if per != PaceUnit.REST:
        pace_label = side_by_side.PACE_LABELS[per]
        return translate(
            f"needed {pace_label}, {periods_left} more times", f"mức cần {pace_label}, còn {periods_left} kỳ"
        )
    rest = translate("needed over all that is left of the period", "mức cần của cả phần còn lại trong kỳ")
    if status["required"]["assumes"] is None:
        return rest
    return rest + translate(
        ", if all reporting periods weigh the same", ", nếu coi mọi kỳ báo cáo có trọng số như nhau"
    )


def _milestone_lines(status: ExplainedAssessment) -> Iterator[str]:
    labels = {
        True: translate("reached", "đã đạt"),
        False: translate("not reached", "không đạt"),
        None: translate("not decided yet", "chưa thể kết luận"),
    }
    for milestone in status["milestones"]:
        edges = [
            measures.format_measure(status, edge, exact=True)
            for edge in (milestone["lower"], milestone["upper"])
            if edge
        ]
        yield f"{formatting.format_day(milestone['date'])}: {' – '.join(edges)}: {labels[milestone['reached']]}"


def _freshness_lines(status: ExplainedAssessment) -> Iterator[str]:
    freshness, due = status["freshness"], status["explanation"]["due"]
    if freshness["covered_through"]:
        covered_day = formatting.format_day(freshness["covered_through"])
        yield translate(f"figures reach {covered_day}", f"số liệu đến hết {covered_day}")
    if due["latest_passed"]:
        span, due_day = (
            formatting.format_period(due["latest_passed"]["period"]),
            formatting.format_day(due["latest_passed"]["due"]),
        )
        yield translate(f"those of {span} were due on {due_day}", f"số liệu {span} đến hạn {due_day}")
    if freshness["overdue"]:
        yield translate("they are overdue", "đã quá hạn")
    if due["next"]:
        span, next_due_day = formatting.format_period(due["next"]["period"]), formatting.format_day(due["next"]["due"])
        yield translate(f"next: {span}, due on {next_due_day}", f"tiếp theo: {span}, hạn {next_due_day}")
    for gap in status["gaps"]:
        yield translate(
            f"no figures for {formatting.format_period(gap)}", f"không có số liệu {formatting.format_period(gap)}"
        )
