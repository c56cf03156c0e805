"""The page of an indicator: what it is, its values over the years and by area, and what was said when."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.models import Area, Department, Indicator
from indicators.models.indicator import ACCUMULATIONS, FREQUENCIES, KINDS
from kpitracker.lib import clock
from kpitracker.lib.i18n.text import translate
from targets.models import Target
from targets.pages.addresses import keep_day, target_address
from targets.pages.indicator_charts import (
    build_area_charts,
    change_chart,
    list_lines_below,
    value_chart,
    years_chart,
)
from targets.pages.indicator_map import indicator_map_context
from targets.pages.indicator_reading import (
    ALL_AREAS,
    IndicatorQuestion,
    find_chosen_area,
    read_question,
    visible_indicators,
)
from targets.pages.indicator_rows import (
    build_year_table,
    list_marks,
    list_triangle_rows,
    list_value_rows,
    places_of,
    short_day,
)
from targets.pages.indicator_words import INDICATOR_WORDS
from targets.pages.target_facts import Fact
from targets.pages.words import FRAME_WORDS
from targets.services.planning import part_scopes
from targets.services.reports.indicator_history import (
    AreaSeries,
    IndicatorHistory,
    choose_points_to_draw,
    load_history,
    load_revision_triangle,
)
from targets.services.text import formatting

_FILES = (("xlsx", "Excel (XLSX)"), ("csv", "CSV"))


@never_cache
@require_safe
@login_required
def show_indicator(request: HttpRequest, code: str) -> HttpResponse:
    """The page of an indicator that the reader may see, for an area as of a day."""
    question = read_question(request, code)
    if isinstance(question, HttpResponse):
        return question
    context: dict[str, Any] = {
        "title": str(question.indicator),
        "words": FRAME_WORDS | INDICATOR_WORDS,
        "indicator": question.indicator,
        "form": question.form,
    }
    if not question.form.is_valid():
        return render(request, "pages/indicator.html", context, status=400)
    context |= _about(question) | _values(question)
    return render(request, "pages/indicator.html", context)


def _about(question: IndicatorQuestion) -> dict[str, Any]:
    indicator, by = question.indicator, question.by
    department, part = indicator.department, Department.objects.visible_ids(by)
    others = visible_indicators(by).exclude(pk=indicator.pk).order_by("code")
    inputs = Indicator.objects.filter(readers__indicator=indicator).values("pk")
    readers = Indicator.objects.filter(inputs__input=indicator).values("pk")
    figures = reverse("admin:indicators_measurement_changelist")
    return {
        "facts": _list_facts(indicator),
        "department": department,
        "opens_department": department and (part is None or department.pk in part),
        "inputs": others.filter(pk__in=inputs),
        "readers": others.filter(pk__in=readers),
        "targets": _list_targets(question),
        "figures_url": f"{figures}?{urlencode({'indicator__id__exact': indicator.pk})}" if question.reports else "",
        "properties_url": reverse("admin:indicators_indicator_change", args=[indicator.pk]) if question.reports else "",
    }


def _list_facts(indicator: Indicator) -> list[Fact]:
    facts = [
        Fact(translate("Unit", "Đơn vị tính"), indicator.shown_unit or "–"),
        Fact(translate("Kind", "Loại"), str(KINDS[indicator.kind])),  # type: ignore[index]
        Fact(translate("Reported each", "Tần suất báo cáo"), str(FREQUENCIES[indicator.frequency])),  # type: ignore[index]
    ]
    if indicator.formula:
        expression = formatting.format_expression(indicator.formula)
        facts.append(Fact(translate("Formula", "Công thức"), expression))
    else:
        label = str(ACCUMULATIONS[indicator.accumulation])  # type: ignore[index]
        facts.append(Fact(translate("A longer span is", "Cách cộng gộp"), label))
    if indicator.source:
        facts.append(Fact(translate("Source", "Nguồn"), indicator.source))
    return facts


def _list_targets(question: IndicatorQuestion) -> list[tuple[Target, str]]:
    """The targets of the reader's part, the latest period first, with their addresses."""
    targets = part_scopes.own_targets(question.by).filter(indicator=question.indicator)
    targets = targets.select_related("plan", "area").order_by("-period_start", "plan__code", "area__code")
    as_of = question.form.cleaned_data["as_of"]
    return [(target, target_address(target, as_of, clock.today())) for target in targets]


def _day_parameters(question: IndicatorQuestion, **parameters: str) -> str:
    """The query string that keeps the day, where it is not today."""
    return keep_day("", question.form.cleaned_data["as_of"], clock.today(), **parameters)


def _values(question: IndicatorQuestion) -> dict[str, Any]:
    history = load_history(question.indicator, question.areas, question.form.cleaned_data["as_of"])
    area = find_chosen_area(question)
    context: dict[str, Any] = {"area": area, "as_of": short_day(question.form.cleaned_data["as_of"])}
    series = next((row for row in history.series if row.area == area), None)
    if area is None or series is None:
        return context
    return context | {
        **_series_context(question, history, series),
        **_areas_context(question, history, area),
        **_triangle_context(question, area),
        "files": [(label, _file_address(question, extension, area=area.code)) for extension, label in _FILES],
        "files_of_all": [(label, _file_address(question, extension, areas=ALL_AREAS)) for extension, label in _FILES],
    }


def _file_address(question: IndicatorQuestion, extension: str, **parameters: str) -> str:
    address = reverse("indicator-file", args=[question.indicator.code, extension])
    return f"{address}{_day_parameters(question, **parameters)}"


def _series_context(question: IndicatorQuestion, history: IndicatorHistory, series: AreaSeries) -> dict[str, Any]:
    drawn = choose_points_to_draw(question.indicator, series.points)
    places = places_of(question.indicator, series.points)
    years = build_year_table(drawn.points, places)
    years_picture, year_keys = years_chart(series, drawn.points, years.years, INDICATOR_WORDS["years"])
    return {
        "rows": list_value_rows(history, series, with_links=question.reports),
        "since_january": drawn.since_january,
        "value_chart": value_chart(series, drawn.points, INDICATOR_WORDS["value_label"]),
        "change_chart": change_chart(history, series, drawn.points, INDICATOR_WORDS["change_label"]),
        "years": years if len(years.rows) > 1 and len(years.years) > 1 else None,
        "years_picture": years_picture,
        "year_notes": [note for day, note in list_marks(series) if day.year in years.years],
        "year_keys": year_keys,
    }


def _areas_context(question: IndicatorQuestion, history: IndicatorHistory, area: Area) -> dict[str, Any]:
    lines = list_lines_below(history, area)
    charts = build_area_charts(history, lines, all_areas=question.form.cleaned_data["areas"] == ALL_AREAS)
    addresses = {row: _day_parameters(question, area=row.code) for row in lines}
    return {
        **indicator_map_context(question.indicator, lines, addresses),
        "area_charts": [(chart, addresses[chart.area]) for chart in charts.charts],
        "area_count": charts.total,
        "all_areas_url": f"{_day_parameters(question, area=area.code, areas=ALL_AREAS)}#areas"
        if charts.total > len(charts.charts)
        else "",
    }


def _triangle_context(question: IndicatorQuestion, area: Area) -> dict[str, Any]:
    if question.indicator.formula:
        return {}
    triangle = load_revision_triangle(question.indicator, area, question.form.cleaned_data["as_of"], question.by)
    return {"triangle_days": [short_day(day) for day in triangle.days], "triangle_rows": list_triangle_rows(triangle)}
