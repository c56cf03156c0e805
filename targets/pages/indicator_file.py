"""The values of an indicator as a file: what the page shows, numbers as numbers."""

import tempfile
from collections.abc import Iterator
from decimal import Decimal

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from rest_framework.request import Request

from indicators.domain.rounding import to_plain_string
from kpitracker.lib.i18n.text import text, translate
from kpitracker.lib.rest.exports import RENDERERS, file_name, file_response
from kpitracker.lib.spreadsheets.flatten import Cell, Column
from targets.pages.indicator_reading import ALL_AREAS, IndicatorQuestion, find_chosen_area, read_question
from targets.pages.indicator_rows import stage_of
from targets.pages.indicator_words import INDICATOR_WORDS
from targets.pages.words import FRAME_WORDS
from targets.services.reports.indicator_history import load_history

_DAY, _NUMBER, _TEXT = "day", "number", "text"
_COLUMNS = (
    (text("Indicator", "Chỉ số"), _TEXT),
    (text("Code", "Mã"), _TEXT),
    (text("Area", "Địa bàn"), _TEXT),
    (text("Code of the area", "Mã địa bàn"), _TEXT),
    (text("Period", "Kỳ"), _TEXT),
    (text("From", "Từ ngày"), _DAY),
    (text("To", "Đến ngày"), _DAY),
    (text("Value", "Giá trị"), _NUMBER),
    (text("Unit", "Đơn vị tính"), _TEXT),
    (text("Year before", "Cùng kỳ năm trước"), _NUMBER),
    (text("Change", "Thay đổi"), _NUMBER),
    (text("Unit of the change", "Đơn vị tính của thay đổi"), _TEXT),
    (text("Stage", "Giai đoạn"), _TEXT),
    (text("Published", "Ngày công bố"), _DAY),
    (text("Revision", "Lần sửa"), _NUMBER),
    (text("As of", "Tính đến ngày"), _DAY),
)


@never_cache
@require_safe
@login_required
def download_values(request: HttpRequest, code: str, extension: str) -> HttpResponseBase:
    """The values of one area, or of all (`areas=all`), as CSV or XLSX. Captions are in the language of the reader."""
    renderer = next((renderer for renderer in RENDERERS if renderer.format == extension), None)
    if renderer is None:
        raise Http404
    question = read_question(request, code)
    if isinstance(question, HttpResponse):
        return question
    if not question.form.is_valid():
        context = {"title": str(question.indicator), "words": FRAME_WORDS | INDICATOR_WORDS, "form": question.form}
        return render(request, "pages/indicator.html", context, status=400)
    columns = [Column(str(caption), (), is_number=kind == _NUMBER, is_day=kind == _DAY) for caption, kind in _COLUMNS]
    page = Request(request)
    name = file_name(page, "indicator", extension, question.indicator.code)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    try:
        renderer.write(file, columns, list(_iter_rows(question)), "values")
        return file_response(page, file, name, str(renderer.media_type), renderer.charset)
    except BaseException:
        file.close()
        raise


def _iter_rows(question: IndicatorQuestion) -> Iterator[list[Cell]]:
    indicator, area = question.indicator, find_chosen_area(question)
    history = load_history(indicator, question.areas, question.form.cleaned_data["as_of"])
    for series in history.series:
        if series.area != area and question.form.cleaned_data["areas"] != ALL_AREAS:
            continue
        names = (str(indicator), indicator.code, str(series.area), series.area.code)
        for point in series.points:
            change, figure, period = history.compare(series.area, point), point.figure, point.period
            unit = "" if change.change is None else indicator.shown_unit if change.is_difference else "%"
            if change.change is not None and change.is_difference and indicator.unit == "%":
                unit = translate("percentage points", "điểm phần trăm")
            yield [
                *names, str(period), period.start.isoformat(), period.end.isoformat(),
                _number(point.value), indicator.shown_unit, _number(change.before), _number(change.change), unit,
                stage_of(point),
                figure.published.isoformat() if figure and figure.published else "",
                str(figure.revision) if figure and not figure.parts else "",
                question.form.cleaned_data["as_of"].isoformat(),
            ]  # fmt: skip


def _number(value: Decimal | None) -> Cell:
    return "" if value is None else to_plain_string(value)
