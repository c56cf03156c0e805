"""The board as a file: the rows that the page shows, in their order, numbers as numbers."""

import tempfile
from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from rest_framework.request import Request

from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest.exports import RENDERERS, file_name, file_response
from kpitracker.lib.spreadsheets.flatten import Cell, Column
from targets.pages.board import refuse_choices
from targets.pages.board_form import BoardForm
from targets.pages.board_reading import BoardQuestion, NoPlan, group_rows, lead_name, read_question
from targets.pages.board_rows import label_of
from targets.services.reports.board import BoardTarget
from targets.services.text import formatting, status_sentence

_DAY, _NUMBER, _TEXT = "day", "number", "text"
_COLUMNS = (
    (text("As of", "Tính đến ngày"), _DAY),
    (text("Target", "Chỉ tiêu"), _TEXT),
    (text("Code", "Mã"), _TEXT),
    (text("Section", "Lĩnh vực"), _TEXT),
    (text("Area", "Địa bàn"), _TEXT),
    (text("Answers for it", "Đơn vị chịu trách nhiệm"), _TEXT),
    (text("Status", "Trạng thái"), _TEXT),
    (text("Unit", "Đơn vị tính"), _TEXT),
    (text("Target, from", "Chỉ tiêu, từ"), _NUMBER),
    (text("Target, to", "Chỉ tiêu, đến"), _NUMBER),
    (text("Actual", "Thực hiện"), _NUMBER),
    (text("Due by now, from", "Cần đạt đến nay, từ"), _NUMBER),
    (text("Due by now, to", "Cần đạt đến nay, đến"), _NUMBER),
    (text("Variance", "Chênh lệch"), _NUMBER),
    (text("Unit of the variance", "Đơn vị tính của chênh lệch"), _TEXT),
    (text("Outlook", "Dự kiến cuối kỳ"), _NUMBER),
    (text("Outlook, from", "Dự kiến, từ"), _NUMBER),
    (text("Outlook, to", "Dự kiến, đến"), _NUMBER),
    (text("Figures until", "Số liệu đến"), _DAY),
    (text("Report is late", "Quá hạn báo cáo"), _TEXT),
    (text("Compared with", "So với ngày"), _DAY),
    (text("Status then", "Trạng thái khi đó"), _TEXT),
    (text("Actual then", "Thực hiện khi đó"), _NUMBER),
    (text("Variance then", "Chênh lệch khi đó"), _NUMBER),
    (text("Open alerts", "Cảnh báo đang mở"), _NUMBER),
    (text("Open actions", "Biện pháp đang thực hiện"), _NUMBER),
    (text("Late actions", "Biện pháp quá hạn"), _NUMBER),
    (text("In words", "Diễn giải"), _TEXT),
    (text("Page", "Trang"), _TEXT),
)


@never_cache
@require_safe
@login_required
def download_board(request: HttpRequest, extension: str) -> HttpResponseBase:
    """The board as CSV or XLSX, with the choices of the page. Captions are in the language of the reader."""
    renderer = next((renderer for renderer in RENDERERS if renderer.format == extension), None)
    if renderer is None:
        raise Http404
    try:
        question = read_question(request)
    except NoPlan:
        raise Http404 from None
    if isinstance(question, BoardForm):
        return refuse_choices(request, question)
    if not isinstance(question, BoardQuestion):
        return question
    columns = [Column(str(caption), (), is_number=kind == _NUMBER, is_day=kind == _DAY) for caption, kind in _COLUMNS]
    rows, page = list(_iter_rows(request, question)), Request(request)
    name = file_name(page, "board", extension, *([] if request.GET.get("plan") else [question.plan.code]))
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    try:
        renderer.write(file, columns, rows, "board")
        return file_response(page, file, name, str(renderer.media_type), renderer.charset)
    except BaseException:
        file.close()
        raise


def _iter_rows(request: HttpRequest, question: BoardQuestion) -> Iterator[list[Cell]]:
    board = question.build_board()
    for _, rows in group_rows(board, question.chosen):
        for row in rows:
            page = request.build_absolute_uri(reverse("target", args=[row.evaluation.target.identifier]))
            cells = (*_state_cells(row), *_change_cells(row, board.compared_with.isoformat()), page)
            yield ["" if cell is None else cell for cell in cells]


def _state_cells(row: BoardTarget) -> tuple[Cell | None, ...]:
    status, target = row.status, row.evaluation.target
    terms, expected, outlook = status["explanation"]["terms"], status["expected"], status["outlook"]
    names = (str(target.indicator), target.identifier, target.shown_section, str(target.area), lead_name(target))
    return (
        row.evaluation.as_of.isoformat(), *names, label_of(row.evaluation), formatting.shown_unit(status),
        terms["lower"], terms["upper"], status["actual"], expected["lower"], expected["upper"],
        status["variance"], formatting.shown_variance_unit(status),
        outlook["value"], outlook["low"], outlook["high"],
        status["covered_through"], row.evaluation.assessment.overdue,
    )  # fmt: skip


def _change_cells(row: BoardTarget, compared_with: str) -> tuple[Cell | None, ...]:
    before = row.before
    then = (label_of(before), before.payload["actual"], before.payload["variance"]) if before else (None, None, None)
    counts = (str(len(row.alerts)), str(len(row.actions)), str(row.overdue_actions))
    return (compared_with, *then, *counts, status_sentence.explain_reason(row.status))
