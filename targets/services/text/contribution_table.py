"""The contributions to a growth as a table of text, in the active language."""

from collections.abc import Iterator, Sequence
from typing import Final

from indicators.domain.missing_values import MissingSlug
from kpitracker.lib.i18n.text import text, translate
from targets.payloads.contributions import ContributionPayload, ContributionsPayload
from targets.services.evaluation.contributions import NOT_EXPLAINED
from targets.services.text import formatting

_PLACES: Final = 2
_REASONS: Final = {
    MissingSlug.BASE_MISSING: text("no figure a year before", "thiếu số liệu năm trước"),
    MissingSlug.SERIES_BREAK: text("measured in another way than a year before", "cách đo khác năm trước"),
    MissingSlug.TERRITORY_CHANGED: text("areas merged, a figure is missing", "địa bàn sáp nhập, còn thiếu số liệu"),
}
_OTHER_REASON: Final = text("no figure", "thiếu số liệu")


def contribution_report(contributions: ContributionsPayload) -> str:
    """A section of a report, with its title; empty where there are no contributions."""
    if not contributions["parts"]:
        return ""
    title = translate("Contributions to the growth", "Đóng góp vào tốc độ tăng").upper()
    lines = [title, *(f"  {line}".rstrip() for line in _contribution_lines(contributions)), ""]
    return "\n".join(lines)


def _contribution_lines(contributions: ContributionsPayload) -> Iterator[str]:
    spans = [formatting.format_period(span) for span in (contributions["period"], contributions["base_period"]) if span]
    yield translate(" against ", " so với ").join(spans)
    rows = [_header(), *(_part_cells(part) for part in contributions["parts"])]
    if rest := contributions["not_explained"]:
        points, share, more = (_format(rest[name]) for name in ("contribution", "share", "more"))
        rows.append([str(NOT_EXPLAINED), points, "", share, more])
    rows.append([translate("total", "tổng"), _format(contributions["growth"]), "", "1", _format(contributions["more"])])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])])
    for part in contributions["parts"]:
        if part["reason"]:
            yield f"{_part_name(part)}: {_REASONS.get(MissingSlug(part['reason']['slug']), _OTHER_REASON)}"


def _header() -> list[str]:
    return [
        translate("part", "thành phần"),
        translate("points", "điểm %"),
        translate("growth, %", "tốc độ tăng, %"),
        translate("share", "tỷ phần"),
        translate("needed more, points", "cần thêm, điểm %"),
    ]


def _part_cells(part: ContributionPayload) -> list[str]:
    numbers: Sequence[str | None] = (part["contribution"], part["growth"], part["share"], part["more"])
    return [_part_name(part), *map(_format, numbers)]


def _part_name(part: ContributionPayload) -> str:
    return translate(part["name_en"] or part["name"], part["name"])


def _format(number: str | None) -> str:
    return formatting.format_number(number, _PLACES)
