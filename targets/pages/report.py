"""The report for a meeting: one page to print, with the board, the worst targets, the actions, and what changed."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.i18n.text import text, translate
from targets.models import Action, Plan
from targets.pages.board import list_heads
from targets.pages.board_movements import list_movement_rows
from targets.pages.board_rows import BAD, WATCHED, build_row, sense_of
from targets.pages.board_summary import build_tiles, headline
from targets.pages.plan_access import find_plan, refuse_other_parameters
from targets.pages.target_facts import Fact, list_facts, short_day
from targets.pages.words import BOARD_WORDS, FRAME_WORDS
from targets.services.reports.board import BoardTarget
from targets.services.reports.meeting_reports import MeetingReport, build_meeting_report
from targets.services.reports.scorecards import ScorecardQuery
from targets.services.text import status_sentence

_MOST_WORST = 10  # targets with a part of their own
REPORT_WORDS = {
    "contents": text("Contents", "Nội dung"),
    "part_board": text("The board", "Bảng theo dõi"),
    "part_worst": text("Targets that need attention", "Chỉ tiêu cần quan tâm"),
    "part_actions": text("Actions", "Biện pháp"),
    "part_changes": text("What changed", "Những thay đổi"),
    "no_worst": text("No target is behind or at risk.", "Không có chỉ tiêu nào chậm tiến độ hoặc có nguy cơ."),
    "no_actions": text("No action is open.", "Không có biện pháp nào đang thực hiện."),
    "action_heads": [
        text("Due", "Thời hạn"),
        text("Target", "Chỉ tiêu"),
        text("What is to be done", "Việc phải làm"),
        text("Who", "Người chịu trách nhiệm"),
    ],
}


class WorstTarget(NamedTuple):
    """The page of a target in short."""

    name: str
    url: str
    sense: str
    sentence: str
    facts: list[Fact]


class ActionLine(NamedTuple):
    """`late`: a word, where the due day has passed."""

    due: str
    target: str
    text: str
    who: str
    late: str


@never_cache
@require_safe
@login_required
def show_report(request: HttpRequest, code: str) -> HttpResponse:
    """The report of a plan as of today, of the reader's part. Raises `Http404` outside it."""
    by, plan = find_plan(request, code)
    if refusal := refuse_other_parameters(request):
        return refusal
    today = clock.today()
    report = build_meeting_report(ScorecardQuery(plan, today, today, by), Department.objects.visible_ids(by))
    return render(request, "pages/report.html", _report_context(plan, report))


def describe_since(report: MeetingReport) -> str:
    """With which day the report compares."""
    day = short_day(report.board.compared_with)
    if report.closing is None:
        return translate(f"since {day}", f"so với ngày {day}")
    number = report.closing.number
    return translate(f"since closing {number} of {day}", f"so với lần chốt số {number}, ngày {day}")


def _report_context(plan: Plan, report: MeetingReport) -> dict[str, Any]:
    board = report.board
    day, today = short_day(board.compared_with), board.query.today
    rows = [build_row(row, board.compared_with, today=today) for row in board.targets]
    return {
        "title": translate(f"Report: {plan}", f"Báo cáo: {plan}"),
        "words": FRAME_WORDS | BOARD_WORDS | REPORT_WORDS,
        "plan": plan,
        "since": describe_since(report),
        "headline": headline(board),
        "tiles": build_tiles(board.totals["counts"], board.targets),
        "heads": list_heads(day),
        "rows": rows,
        "several_areas": len({row.area for row in rows}) > 1,
        "worst": list(iter_worst(board.targets)),
        "actions": list(iter_actions(board.targets)),
        "movements": list_movement_rows(board),
        "compared_with": day,
        "as_of": short_day(today),
    }


def iter_worst(targets: Sequence[BoardTarget]) -> Iterator[WorstTarget]:
    worst = [row for row in targets if sense_of(row.evaluation) in (BAD, WATCHED)]
    for row in worst[:_MOST_WORST]:
        target = row.evaluation.target
        yield WorstTarget(
            str(target.indicator),
            reverse("target", args=[target.identifier]),
            sense_of(row.evaluation),
            status_sentence.explain_status(row.status),
            list_facts(row.evaluation, row.status),
        )


def iter_actions(targets: Sequence[BoardTarget]) -> Iterator[ActionLine]:
    actions = [(action, row) for row in targets for action in row.actions]
    for action, row in sorted(actions, key=lambda pair: (pair[0].due_day, pair[0].pk)):
        late = translate("late", "quá hạn") if action.due_day < row.evaluation.as_of else ""
        yield ActionLine(
            short_day(action.due_day), str(row.evaluation.target.indicator), action.text, _who(action), late
        )


def _who(action: Action) -> str:
    return ", ".join(str(part) for part in (action.person, action.department) if part) or "–"
