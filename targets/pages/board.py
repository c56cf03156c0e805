"""The first page: where the current plan stands, worst first."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kpitracker.lib import gc_pause
from kpitracker.lib.i18n.text import text, translate
from targets.pages.addresses import plan_query
from targets.pages.board_days import address_on, build_slider
from targets.pages.board_form import BoardForm, Grouping
from targets.pages.board_map import board_map_context
from targets.pages.board_movements import list_movement_rows
from targets.pages.board_reading import (
    BoardQuestion,
    Choices,
    NoPlan,
    codes_to_open,
    group_rows,
    read_question,
)
from targets.pages.board_rows import build_row
from targets.pages.board_summary import build_tiles, headline
from targets.pages.words import BOARD_WORDS, FRAME_WORDS
from targets.services.reports.board import Board, BoardTarget
from targets.services.reports.board_changes import list_publication_days
from targets.services.text import formatting


@never_cache
@require_safe
@login_required
def show_board(request: HttpRequest) -> HttpResponse:
    """The board of a plan for a reader who is logged in. Its choices are query parameters; others are refused with 400."""
    try:
        question = read_question(request)
    except NoPlan:
        return _render(request, {"title": text("Plans", "Kế hoạch"), "no_plan": True})
    if isinstance(question, BoardForm):
        return refuse_choices(request, question)
    if isinstance(question, HttpResponse):
        return question
    board = question.build_board()
    days = list_publication_days(board, board.query.today)
    if (place := question.chosen["publication"]) and days:
        return redirect(f"{reverse('start')}{address_on(request, days[min(place, len(days)) - 1])}")
    # A board makes very many small objects, none of them garbage.
    with gc_pause.gc_paused():
        return _render(request, _board_context(request, question, board, days))


def refuse_choices(request: HttpRequest, form: BoardForm) -> HttpResponse:
    """The page with the choices and what is wrong with them."""
    return _render(request, {"title": str(form.shown_plan), "form": form}, status=400)


def _render(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, "pages/board.html", {"words": FRAME_WORDS | BOARD_WORDS, **context}, status=status)


def _board_context(request: HttpRequest, question: BoardQuestion, board: Board, days: Sequence[date]) -> dict[str, Any]:
    chosen = question.chosen
    compared_with, today = board.compared_with, board.query.today
    targets_by_group = group_rows(board, chosen)
    groups = [(title, [build_row(row, compared_with, today=today) for row in rows]) for title, rows in targets_by_group]
    rows, totals = [row for _, group in groups for row in group], board.totals
    return {
        "title": str(question.plan),
        "form": question.form,
        "board": board,
        "headline": headline(board),
        "tiles": [
            (tile, _address(request, status=tile.status)) for tile in build_tiles(totals["counts"], board.targets)
        ],
        "every_status": _address(request, status=""),
        "files": [(label, _file_address(request, extension)) for extension, label in _FILES],
        "slider": build_slider(request, days, chosen["as_of"]),
        **_movement_context(request, board),
        **_map_context(request, chosen, [row for _, rows in targets_by_group for row in rows]),
        "chosen": chosen,
        "heads": list_heads(formatting.format_short_day(board.compared_with.isoformat())),
        "groups": groups,
        "row_count": len(rows),
        "codes_to_open": codes_to_open(question.targets, question.part),
        "department_plan": "" if question.is_current else plan_query(question.plan),
        "several_areas": len({row.area for row in rows}) > 1,
        "score": score_text(board),
        "as_of": formatting.format_short_day(chosen["as_of"].isoformat()),
        "compared_with": formatting.format_short_day(chosen["compare"].isoformat()),
        "printed_on": formatting.format_short_day(board.query.today.isoformat()),
    }


def _map_context(request: HttpRequest, chosen: Choices, rows: Sequence[BoardTarget]) -> dict[str, Any]:
    """The map stands above the board that is grouped by area."""
    if chosen["group"] != Grouping.AREA:
        return {}
    return board_map_context(rows, lambda code: _address(request, area=code))


def _movement_context(request: HttpRequest, board: Board) -> dict[str, Any]:
    """What moved is shown when a day to compare with was chosen: it makes the page longer."""
    if request.GET.get("compare"):
        return {"movements_shown": True, "movements": list_movement_rows(board)}
    return {"movements_address": f"{_address(request, compare=board.compared_with.isoformat())}#moved"}


def list_heads(compared_with: str) -> list[str]:
    return [
        translate("Target", "Chỉ tiêu"),
        translate(f"Status, since {compared_with}", f"Trạng thái, so với {compared_with}"),
        translate("Target, actual and due", "Chỉ tiêu, thực hiện và mức cần đạt"),
        translate("Actual / due by now, variance", "Thực hiện / cần đạt đến nay, chênh lệch"),
        translate("Outlook, range", "Dự kiến cuối kỳ, khoảng"),
        translate("So far, figures until", "Diễn biến, số liệu đến"),
        translate("Answers for it, what is open", "Đơn vị chịu trách nhiệm, việc đang mở"),
    ]


_FILES = (("xlsx", "Excel (XLSX)"), ("csv", "CSV"))


def _file_address(request: HttpRequest, extension: str) -> str:
    return f"{reverse('board-file', args=[extension])}{_address(request)}"


def _address(request: HttpRequest, **changes: str) -> str:
    """The address of this page with other choices."""
    parameters = request.GET.copy()
    for name, value in changes.items():
        parameters[name] = value
    return f"?{parameters.urlencode()}"


def score_text(board: Board) -> str:
    """The score with its best value, where silence leaves it open."""
    score, best = board.totals["score"], board.totals["score_best"]
    if score is None:
        return "–"
    shown = formatting.format_number(score)
    if score == best:
        return shown
    shown_best = formatting.format_number(best)
    return translate(f"{shown} (up to {shown_best})", f"{shown} (tối đa {shown_best})")
