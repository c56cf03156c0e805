"""The board and the report for a meeting as texts for a mail, in the active language: what the pages show, without charts."""

from typing import Any, Final, TypedDict

from django.conf import settings
from django.urls import reverse

from kpitracker.lib.i18n.text import translate
from targets.domain.choices import BoardMessage
from targets.pages.board import list_heads, score_text
from targets.pages.board_movements import list_movement_rows
from targets.pages.board_rows import BoardRow, build_row
from targets.pages.board_summary import build_tiles, headline
from targets.pages.report import REPORT_WORDS, describe_since, iter_actions, iter_worst
from targets.pages.target_facts import short_day
from targets.pages.words import BOARD_WORDS
from targets.services.reports.meeting_reports import MeetingReport

# Mail programs cut off long messages; the worst targets come first, and the link leads to all of them.
MAX_ROWS: Final = 100
_SHOWN_FIELDS = (
    "name", "promise", "label", "sense", "change", "actual", "due", "variance", "variance_sense", "outlook",
    "outlook_range", "covered", "overdue", "lead", "note",
)  # fmt: skip


class MailedReport(TypedDict):
    """The parts of a meeting report below its board; each row has texts only."""

    heads: dict[str, str]
    url: str
    worst: list[dict[str, Any]]
    actions: list[dict[str, str]]
    action_heads: list[str]
    movements: list[dict[str, Any]]
    moved_heads: list[str]
    nothing: dict[str, str]


class MailedBoard(TypedDict):
    """One board in one language. `more`: how many targets are left out, in words, or ""."""

    title: str
    since: str
    counts: str
    reasons: str
    tiles: list[list[str]]
    score: str
    heads: list[str]
    rows: list[dict[str, Any]]
    more: str
    nothing: str
    url: str
    link: str
    overdue: str
    report: MailedReport | None


def describe_mailed_board(mailed: MeetingReport, event: BoardMessage) -> MailedBoard:
    board = mailed.board
    plan, today, with_report = board.query.plan, board.query.today, event is BoardMessage.REPORT
    rows = [build_row(row, board.compared_with, today=today) for row in board.targets]
    several_areas, in_short, left_out = len({row.area for row in rows}) > 1, headline(board), len(rows) - MAX_ROWS
    day = short_day(today)
    heads = list_heads(short_day(board.compared_with))
    return {
        "title": translate(f"Report of {day}: {plan}", f"Báo cáo ngày {day}: {plan}")
        if with_report
        else translate(f"Board of {day}: {plan}", f"Bảng theo dõi ngày {day}: {plan}"),
        "since": describe_since(mailed),
        "counts": in_short.counts,
        "reasons": in_short.reasons,
        "tiles": [
            [tile.label, str(tile.number), tile.sense] for tile in build_tiles(board.totals["counts"], board.targets)
        ],
        "score": f"{score_text(board)} {BOARD_WORDS['score']}",
        # Without the charts.
        "heads": [heads[place] for place in (0, 1, 3, 4, 6)],
        "rows": [_row_texts(row, several_areas=several_areas) for row in rows[:MAX_ROWS]],
        "more": translate(f"and {left_out} more on the board", f"và {left_out} chỉ tiêu khác trên bảng")
        if left_out > 0
        else "",
        "nothing": translate("No target counts yet.", "Chưa có chỉ tiêu nào được tính."),
        "url": f"{settings.PUBLIC_URL}{reverse('start')}?plan={plan.code}",
        "link": translate("Open the board", "Mở bảng theo dõi"),
        "overdue": str(BOARD_WORDS["overdue"]),
        "report": _report_texts(mailed) if with_report else None,
    }


def _row_texts(row: BoardRow, *, several_areas: bool) -> dict[str, Any]:
    tasks = [
        {"text": task.text, "note": task.note, "is_late": task.is_late, "url": _absolute(task.url)}
        for task in row.tasks
    ]
    shown = {name: getattr(row, name) for name in _SHOWN_FIELDS}
    return {**shown, "area": row.area if several_areas else "", "url": _absolute(row.url), "tasks": tasks}


def _report_texts(mailed: MeetingReport) -> MailedReport:
    board = mailed.board
    parts = ("part_worst", "part_actions", "part_changes")
    return {
        "heads": {name: str(REPORT_WORDS[name]) for name in parts},
        "url": f"{settings.PUBLIC_URL}{reverse('plan-report', args=[board.query.plan.code])}",
        "worst": [
            {
                "name": target.name, "url": _absolute(target.url), "sense": target.sense, "sentence": target.sentence,
                "facts": [fact._asdict() for fact in target.facts],
            }
            for target in iter_worst(board.targets)
        ],
        "actions": [action._asdict() for action in iter_actions(board.targets)],
        "action_heads": [str(head) for head in REPORT_WORDS["action_heads"]],
        "movements": [{**row._asdict(), "url": _absolute(row.url)} for row in list_movement_rows(board)],
        "moved_heads": [str(head) for head in BOARD_WORDS["moved_heads"]],
        "nothing": {
            "worst": str(REPORT_WORDS["no_worst"]),
            "actions": str(REPORT_WORDS["no_actions"]),
            "movements": str(BOARD_WORDS["nothing_moved"]),
        },
    }  # fmt: skip


def _absolute(address: str) -> str:
    return f"{settings.PUBLIC_URL}{address}"
