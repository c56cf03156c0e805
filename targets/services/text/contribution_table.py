"""The contributions to a growth as a table of text, in the active language."""

from collections.abc import Sequence
from typing import Final, NamedTuple

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


class ContributionTable(NamedTuple):
    """`rows`: the heads of the columns, then the cells of each part, the rest and the total. `notes`: parts without a value."""

    title: str
    caption: str
    rows: list[list[str]]
    notes: list[str]


def contribution_table(contributions: ContributionsPayload) -> ContributionTable | None:
    """The contributions for reports and pages; None where there are none."""
    if not contributions["parts"]:
        return None
    spans = [formatting.format_period(span) for span in (contributions["period"], contributions["base_period"]) if span]
    rows = [_header(), *(_part_cells(part) for part in contributions["parts"])]
    if rest := contributions["not_explained"]:
        points, share, more = (_format(rest[name]) for name in ("contribution", "share", "more"))
        rows.append([str(NOT_EXPLAINED), points, "", share, more])
    rows.append([translate("total", "tổng"), _format(contributions["growth"]), "", "1", _format(contributions["more"])])
    return ContributionTable(
        translate("Contributions to the growth", "Đóng góp vào tốc độ tăng"),
        translate(" against ", " so với ").join(spans),
        rows,
        [
            f"{_part_name(part)}: {_REASONS.get(MissingSlug(part['reason']['slug']), _OTHER_REASON)}"
            for part in contributions["parts"]
            if part["reason"]
        ],
    )


def contribution_report(contributions: ContributionsPayload) -> str:
    """A section of a report, with its title; empty where there are no contributions."""
    table = contribution_table(contributions)
    if table is None:
        return ""
    widths = [max(len(row[column]) for row in table.rows) for column in range(len(table.rows[0]))]
    columns = ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in table.rows]
    lines = [table.title.upper(), *(f"  {line}".rstrip() for line in (table.caption, *columns, *table.notes)), ""]
    return "\n".join(lines)


def _header() -> list[str]:
    return [
        translate("part", "thành phần"),
        translate("percentage points", "điểm phần trăm"),
        translate("growth, %", "tốc độ tăng, %"),
        translate("share", "tỷ phần"),
        translate("needed more, percentage points", "cần thêm, điểm phần trăm"),
    ]


def _part_cells(part: ContributionPayload) -> list[str]:
    numbers: Sequence[str | None] = (part["contribution"], part["growth"], part["share"], part["more"])
    return [_part_name(part), *map(_format, numbers)]


def _part_name(part: ContributionPayload) -> str:
    return translate(part["name_en"] or part["name"], part["name"])


def _format(number: str | None) -> str:
    return formatting.format_number(number, _PLACES)
