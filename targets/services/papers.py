"""A written report of an assessment, made from its explanation, in the active language."""

from collections.abc import Iterator
from typing import Any

from kpitracker.lib.texts import text
from targets.domain.vocabulary import Profile, State
from targets.models.target import PROFILES, STATES
from targets.services import explanations, numerals, sentences
from targets.services.judging import Judged

Json = dict[str, Any]

_STAGES = {
    "": text("not stated", "không nêu"),
    "estimate": text("estimate", "ước tính"),
    "preliminary": text("preliminary", "sơ bộ"),
    "official": text("official", "chính thức"),
}
_NAMES = {
    "actual": text("actual", "thực hiện"),
    "expected_lower": text("due, lower edge", "cần đạt, cận dưới"),
    "expected_upper": text("due, upper edge", "cần đạt, cận trên"),
    "variance": text("variance", "chênh lệch"),
    "tolerance": text("tolerance", "dung sai"),
    "variance_percent": text("variance in percent", "chênh lệch theo phần trăm"),
    "position": text("position in the band", "vị trí trong khoảng"),
    "projection": text("at this pace, at the end", "theo đà này, đến cuối kỳ"),
    "projection_low": text("lowest by earlier years", "thấp nhất theo các năm trước"),
    "projection_high": text("highest by earlier years", "cao nhất theo các năm trước"),
    "required_lower": text("needed for the lower edge", "cần thêm cho cận dưới"),
    "required_upper": text("needed for the upper edge", "cần thêm cho cận trên"),
}
_TO_COME = ("projection", "projection_low", "projection_high", "required_lower", "required_upper")
_PER = {
    "day": text("a day", "mỗi ngày"),
    "month": text("a month", "mỗi tháng"),
    "quarter": text("a quarter", "mỗi quý"),
    "half": text("a half-year", "mỗi nửa năm"),
    "year": text("a year", "mỗi năm"),
}


def paper(judged: Judged) -> str:
    indicator, area = judged.target.indicator, judged.target.area
    heading = str(
        text(
            f"{indicator.name_en or indicator.name}, {area.name_en or area.name}",
            f"{indicator.name}, {area.name}",
        )
    )
    return written(explanations.status(judged), heading)


def written(status: Json, heading: str) -> str:
    """Render `status`, the document of the API; the heading names the indicator and the area."""
    as_of = numerals.day(status["as_of"])
    lines = [f"{heading} ({status['target']})", str(text(f"As of {as_of}", f"Tính đến hết {as_of}")), ""]
    lines += [sentences.why(status), ""]
    for title, content in _sections(status):
        if written_lines := list(content):
            lines += [title.upper(), *(f"  {line}".rstrip() for line in written_lines), ""]
    return "\n".join(lines)


def _sections(status: Json) -> Iterator[tuple[str, Iterator[str]]]:
    explained = status["explanation"]
    if "terms" not in explained:
        return
    equations = explained.get("arithmetic", [])
    now = [each for each in equations if each["name"] not in _TO_COME]
    yield str(text("Promised", "Kế hoạch")), _promise(status)
    yield str(text("Figures used", "Số liệu đã dùng")), _table(explained["figures"])
    yield str(text("Sums over areas", "Tổng theo địa bàn")), _sums(explained)
    yield str(text("Arithmetic", "Phép tính")), _equations(status, now)
    to_come = [each for each in equations if each["name"] in _TO_COME]
    yield str(text("To come", "Sắp tới")), _outlook(status, to_come)
    yield str(text("Milestones", "Các mốc")), _milestones(status)
    yield str(text("Freshness", "Độ mới của số liệu")), _freshness(status)


def _promise(status: Json) -> Iterator[str]:
    explained = status["explanation"]
    terms, version = explained["terms"], explained["version"]
    state, announced = STATES[State(version["state"])], numerals.day(version["announced"])
    number = version["number"]
    yield str(
        text(
            f"version {number} ({state}), announced on {announced}: {version['act']}",
            f"phiên bản {number} ({state}), ban hành {announced}: {version['act']}",
        )
    )
    if version["reason"]:
        yield str(text(f"reason: {version['reason']}", f"lý do: {version['reason']}"))
    if terms["qualitative"]:
        return
    yield f"{sentences.band(status)}, {numerals.period(terms['period'])}"
    yield from _way(status)
    yield from _allowed(status)


def _way(status: Json) -> Iterator[str]:
    """How the expected value grows inside the period."""
    explained = status["explanation"]
    terms, profile = explained["terms"], explained["profile"]
    used = PROFILES[Profile(profile["used"])]
    yield str(text(f"how the expected value grows: {used}", f"mức cần đạt theo thời gian: {used}"))
    if profile["fallback"]:
        yield str(text("(last year's season is not known)", "(chưa biết mùa vụ năm trước)"))
    if terms["baseline"] is not None:
        start, on = sentences.measure(status, terms["baseline"], exact=True), numerals.day(profile["baseline_day"])
        yield str(text(f"baseline {start} on {on}", f"mức đầu kỳ {start}, {on}"))
    for each in explained["season"]:
        part, whole = (numerals.number(each[name], 6) for name in ("part", "whole"))
        span = numerals.period(each["period"])
        line = str(text(f"{span}: {part} of {whole} by that day", f"{span}: đến ngày đó {part} trên {whole}"))
        between = text(", on a straight line between two figures", ", nội suy giữa hai số liệu")
        yield line + (str(between) if each["interpolated"] else "")


def _allowed(status: Json) -> Iterator[str]:
    tolerance = status["explanation"].get("tolerance")
    if tolerance is None:
        return
    if tolerance["percent"] is None:
        value = sentences.measure(status, tolerance["value"], exact=True)
        yield str(text(f"tolerance {value}, as given", f"dung sai {value}, được quy định"))
        return
    percent, by_default = numerals.number(tolerance["percent"]), tolerance["from"] == "default"
    of = {"distance": text("the distance from the baseline", "quãng đường từ mức đầu kỳ")}
    base = of.get(tolerance["of"], text("the expected value", "mức cần đạt"))
    line = str(text(f"tolerance {percent} % of {base}", f"dung sai {percent} % của {base}"))
    yield line + str(text(" (the default)", " (mặc định)") if by_default else "")


def _table(figures: list[Json]) -> Iterator[str]:
    if not figures:
        return
    heads = [
        text("indicator", "chỉ tiêu"),
        text("period", "kỳ"),
        text("value", "giá trị"),
        text("stage", "giai đoạn"),
        text("published", "công bố"),
        text("rev.", "lần"),
        text("source", "nguồn"),
    ]
    rows = [[str(head) for head in heads], *(_row(each) for each in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(heads))]
    for row in rows:
        cells = [
            cell.rjust(w) if place == 2 else cell.ljust(w)
            for place, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells)


def _sums(explained: Json) -> Iterator[str]:
    """The sums over areas, area by area, and the areas that have not reported."""
    for figure in explained["figures"]:
        if parts := figure.get("parts"):
            spelled = " + ".join(f"{part['area']} {numerals.number(part['value'], 6)}" for part in parts)
            yield f"{figure['indicator']} {figure['period']} = {spelled} = {numerals.number(figure['value'], 6)}"
    for each in explained.get("completeness", ()):
        have, of = each["have"], each["of"]
        if have < of:
            said = text(f"{have} of {of} areas reported; missing", f"{have}/{of} địa bàn đã báo cáo; còn thiếu")
            more = ", …" if of - have > len(each["missing"]) else ""
            yield f"{each['indicator']} {each['period']}: {said}: {', '.join(each['missing'])}{more}"


def _row(figure: Json) -> list[str]:
    qualifier = sentences.QUALIFIERS.get(figure["qualifier"])
    value = numerals.number(figure["value"], 6)
    late = str(text(" (recorded late)", " (ghi muộn)")) if figure["recorded_late"] else ""
    return [
        figure["indicator"],
        figure["period"],
        f"{qualifier} {value}" if qualifier else value,
        str(_STAGES[figure["stage"]]),
        str(text("unknown", "không rõ")) if figure["published"] == "unknown" else figure["published"] + late,
        str(figure["revision"]),
        figure.get("source", ""),
    ]


def _equations(status: Json, equations: list[Json]) -> Iterator[str]:
    for each in equations:
        name, value = _NAMES[each["name"]], numerals.number(each["value"], 6)
        spelled = numerals.arithmetic(each["expression"])
        yield f"{name} = {spelled} = {value}" if spelled != value else f"{name} = {value}"


def _outlook(status: Json, equations: list[Json]) -> Iterator[str]:
    yield from _equations(status, equations)
    required = status["explanation"].get("required")
    if required is None or not any(each["name"].startswith("required") for each in equations):
        return
    per = _PER[status["required"]["per"]]
    left = required["periods_left"]
    yield str(text(f"needed {per}, {left} more times", f"mức cần {per}, còn {left} kỳ"))
    if required["best_ever"] is not None and required["best_ever_period"]:
        best, span = numerals.number(required["best_ever"], 6), numerals.period(required["best_ever_period"])
        yield str(text(f"the best ever was {best}, in {span}", f"mức tốt nhất từng có là {best}, {span}"))
    if status["required"]["out_of_reach"]:
        yield str(text("so it is out of reach, judged by all periods", "do đó khó đạt được, xét theo mọi kỳ đã có"))


def _milestones(status: Json) -> Iterator[str]:
    words = {
        True: text("reached", "đã đạt"),
        False: text("not reached", "không đạt"),
        None: text("not decided yet", "chưa thể kết luận"),
    }
    for each in status["milestones"]:
        edges = [sentences.measure(status, each[name], exact=True) for name in ("lower", "upper") if each[name]]
        yield f"{numerals.day(each['date'])}: {' – '.join(edges)}: {words[each['reached']]}"


def _freshness(status: Json) -> Iterator[str]:
    fresh, due = status["freshness"], status["explanation"].get("due")
    if fresh["covered_through"]:
        covered = numerals.day(fresh["covered_through"])
        yield str(text(f"figures reach {covered}", f"số liệu đến hết {covered}"))
    if due and due["latest_passed"]:
        span, passed = numerals.period(due["latest_passed"]["period"]), numerals.day(due["latest_passed"]["due"])
        yield str(text(f"those of {span} were due on {passed}", f"số liệu {span} phải có trước hết {passed}"))
    if fresh["overdue"]:
        yield str(text("they are overdue", "đã quá hạn"))
    if due and due["next"]:
        span, coming = numerals.period(due["next"]["period"]), numerals.day(due["next"]["due"])
        yield str(text(f"next: {span}, due on {coming}", f"tiếp theo: {span}, hạn {coming}"))
    for gap in status["gaps"]:
        yield str(text(f"no figures for {numerals.period(gap)}", f"không có số liệu {numerals.period(gap)}"))
