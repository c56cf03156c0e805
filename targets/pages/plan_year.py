"""What the year said: the status of each target at the end of each month or quarter, and today."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.i18n.text import text, translate
from targets.models.target import VERSION_STATE_LABELS
from targets.pages.board_rows import sense_of
from targets.pages.plan_access import find_plan, refuse_other_parameters
from targets.pages.plan_rows import name_of
from targets.pages.plan_words import PLAN_WORDS, YEAR_WORDS
from targets.pages.target_facts import short_day
from targets.pages.words import FRAME_WORDS
from targets.services.evaluation.evaluate import Evaluation
from targets.services.reports import year_days
from targets.services.reports.board import load_part
from targets.services.reports.scorecards import ScorecardQuery
from targets.services.reports.year_days import EvaluatedDay, Step
from targets.services.text import status_labels

_STEP_LABELS = {Step.MONTH: text("months", "tháng"), Step.QUARTER: text("quarters", "quý")}


class YearForm(forms.Form):
    """The year, and the step of the columns. Empty: the latest year of the plan, by months."""

    year = forms.ChoiceField(label=text("Year", "Năm"), required=False)
    by = forms.ChoiceField(label=text("By", "Theo"), required=False, choices=_STEP_LABELS.items())

    def __init__(self, data: Any, years: Sequence[int]) -> None:
        super().__init__(data)
        self.years = years
        field = self.fields["year"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(year), str(year)) for year in years]

    def chosen(self) -> tuple[int, Step]:
        year = self.cleaned_data["year"]
        return int(year) if year else self.years[-1], Step(self.cleaned_data["by"] or Step.MONTH)


class YearCell(NamedTuple):
    """How a target stood on a day; an empty label: it was not announced yet. `late`: a newer figure was due."""

    label: str
    sense: str
    url: str
    day: str
    late: bool


@never_cache
@require_safe
@login_required
def show_year(request: HttpRequest, code: str) -> HttpResponse:
    """The year table of a plan, of the reader's part. Each cell leads to the page of the target as of its day."""
    by, plan = find_plan(request, code)
    if refusal := refuse_other_parameters(request, YearForm.base_fields):
        return refusal
    today = clock.today()
    years = range(plan.period_start.year, min(plan.period_end.year, today.year) + 1)
    form = YearForm(request.GET, years)
    context: dict[str, Any] = {
        "title": translate(f"What the year said: {plan}", f"Diễn biến trong năm: {plan}"),
        "words": FRAME_WORDS | PLAN_WORDS | YEAR_WORDS,
        "plan": plan,
        "form": form if years else None,
        "printed_on": short_day(today),
    }
    status = 200
    if years and form.is_valid():
        query = ScorecardQuery(plan, today, today, by)
        context |= _year_context(query, load_part(query, Department.objects.visible_ids(by)), *form.chosen())
    elif years:
        status = 400
    return render(request, "pages/plan_year.html", context, status=status)


def _year_context(query: ScorecardQuery, targets: Sequence[Any], year: int, step: Step) -> dict[str, Any]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    requested = [row for row in targets if row.period_start <= last and row.period_end >= first]
    columns = year_days.evaluate_days(query, requested, year_days.list_days(year, query.today, step))
    sections: dict[str, list[tuple[str, str, list[YearCell]]]] = {}
    for target in sorted(requested, key=lambda row: (row.shown_section.casefold(), name_of(row).casefold())):
        cells = [_build_cell(column.evaluations.get(target.pk), column.day) for column in columns]
        row = (name_of(target), reverse("target", args=[target.identifier]), cells)
        sections.setdefault(target.shown_section, []).append(row)
    return {
        "year": year,
        "heads": [_head_of(column, query.today, step) for column in columns],
        "sections": sections,
        "width": len(columns) + 1,
        "totals": list(year_days.list_totals(columns)),
    }


def _head_of(column: EvaluatedDay, today: date, step: Step) -> str:
    day = column.day
    if day == today:
        return translate("today", "hôm nay")
    if step == Step.MONTH:
        return f"{day:%m/%Y}"
    quarter = (day.month + 2) // 3
    return translate(f"Q{quarter}/{day.year}", f"quý {quarter}/{day.year}")


def _build_cell(evaluation: Evaluation | None, day: date) -> YearCell:
    if evaluation is None:
        return YearCell("", "", "", short_day(day), late=False)
    target = evaluation.target
    label = (
        str(VERSION_STATE_LABELS[evaluation.state])
        if evaluation.is_ended
        else status_labels.label_assessment(evaluation.payload, target.goal)
    )
    url = f"{reverse('target', args=[target.identifier])}?as_of={day.isoformat()}"
    return YearCell(label, sense_of(evaluation), url, short_day(day), late=evaluation.assessment.overdue)
