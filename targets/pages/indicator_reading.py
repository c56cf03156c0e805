"""What the address of an indicator's page asks for: the indicator, the area and the day."""

from collections.abc import Sequence
from typing import NamedTuple

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict

from indicators.models import Area, Department, Indicator
from indicators.querysets import IndicatorQuerySet
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.admin.request_actor import actor
from kpitracker.lib.http import error_pages
from kpitracker.lib.i18n.text import text
from targets.pages.target import TargetDayForm
from targets.services.planning import part_scopes
from targets.services.reports.indicator_history import list_areas_with_figures

ALL_AREAS = "all"


class SeriesChoiceForm(TargetDayForm):
    """The day and the area. Empty: today, and the area of the organisation. `areas`: whether small charts show all."""

    area = forms.ChoiceField(label=text("Area", "Địa bàn"), required=False)
    areas = forms.ChoiceField(required=False, choices=[("", ""), (ALL_AREAS, ALL_AREAS)], widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, areas: Sequence[Area]) -> None:
        default = _default_area(areas)
        if default and not data.get("area"):
            data = data.copy()
            data["area"] = default.code
        super().__init__(data)
        field = self.fields["area"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(area.code, str(area)) for area in areas]


def _default_area(areas: Sequence[Area]) -> Area | None:
    """The area of the organisation if it has figures, else the first that lies in no other with figures."""
    ids = {area.pk for area in areas}
    return min(
        areas, key=lambda area: (area.code != settings.HOME_AREA, area.parent_id in ids, area.code), default=None
    )


class IndicatorQuestion(NamedTuple):
    """What is asked. `areas`: all that the indicator may have values for. `reports`: the reader may open its figures."""

    by: Actor
    indicator: Indicator
    form: SeriesChoiceForm
    areas: list[Area]
    reports: bool


def find_chosen_area(question: IndicatorQuestion) -> Area | None:
    """The area of the page; None where there are no figures at all."""
    return next((area for area in question.areas if area.code == question.form.cleaned_data["area"]), None)


def visible_indicators(by: Actor) -> IndicatorQuerySet:
    """The indicators that a reader sees on pages: those that the part reports, and those of targets of the part."""
    indicators, part = Indicator.objects.visible_to(by), Department.objects.visible_ids(by)
    if part is None:
        return indicators
    reported = Indicator.objects.reported_by(part).values("pk")
    return indicators.filter(Q(pk__in=reported) | Q(pk__in=part_scopes.own_targets(by).order_by().values("indicator")))


def read_question(request: HttpRequest, code: str) -> IndicatorQuestion | HttpResponse:
    """Return what is asked, with a form that may have errors, or the response to an unknown parameter.

    Raises `PermissionDenied`, `Http404` for an indicator that the reader does not see.
    """
    by = actor(request)
    if not by.may(Scope.READ):
        raise PermissionDenied
    for name in request.GET:
        if name not in SeriesChoiceForm.base_fields:
            return error_pages.unknown_parameter(request, name, SeriesChoiceForm.base_fields)
    indicator = visible_indicators(by).select_related("department").filter(code=code).first()
    if indicator is None:
        raise Http404
    part = Department.objects.visible_ids(by)
    reports = part is None or Indicator.objects.reported_by(part).filter(pk=indicator.pk).exists()
    areas = list_areas_with_figures(indicator)
    return IndicatorQuestion(by, indicator, SeriesChoiceForm(request.GET, areas), areas, reports)
