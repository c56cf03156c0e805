"""Figures that departments still owe, and how complete and timely their reports are."""

from datetime import date
from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.v1.fields import day_or_period
from indicators.api.v1.views import AS_OF, RECORDED_BY
from indicators.domain.due import has_passed
from indicators.models import Area, Department, Indicator
from kpitracker.lib import clock, pagination, parameters
from kpitracker.lib.actor import Actor, actor
from kpitracker.lib.exports import Export
from kpitracker.lib.parameters import refuse
from kpitracker.lib.texts import text
from kpitracker.lib.views import ListMixin
from targets.api.v1 import answers
from targets.domain.scores import percent
from targets.services import reporting
from targets.services.reporting import Month, Obligation, Question

_PAGES = frozenset({"cursor", "page_size"})
_DEPARTMENT = OpenApiParameter("department", str, description="Duties of this department and of all below it.")
_DAY = {"type": "string", "format": "date"}


class ReportingViewSet(ListMixin):
    pagination_class = None
    filterset_class = None
    queryset = Indicator.objects.all()
    write_scope = None
    exports = {
        "due": Export(answers.OwedSerializer, "due"),
        "completeness": Export(answers.CompletenessSerializer, "completeness"),
    }
    parameters = {
        "due": _PAGES | {"department", "area", "indicator", "due_before", "since", "as_of", "recorded_by"},
        "completeness": frozenset({"department", "from", "to", "as_of", "recorded_by"}),
    }

    @extend_schema(
        operation_id="v1_reporting_due",
        parameters=[
            _DEPARTMENT,
            OpenApiParameter("area", str, description="Code of an area."),
            OpenApiParameter("indicator", str, description="Code of an indicator."),
            OpenApiParameter("due_before", _DAY, description="Only figures due before this day."),
            OpenApiParameter(
                "since",
                _DAY,
                description="Periods that ended on this day or later. If omitted: 1 January last year.",
            ),
            OpenApiParameter("cursor", str, description="From `next`."),
            OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}),
            AS_OF,
            RECORDED_BY,
        ],
        responses=answers.OwedSerializer(many=True),
    )
    def due(self, request: Request) -> HttpResponseBase:
        """Figures that departments still owe, by due day. No figure is owed before its period has ended."""
        asked = self._question(request)
        before = _day(request, "due_before")
        rows = [each for each in reporting.owed(asked) if before is None or each.due < before]

        def shown(each: Obligation) -> dict[str, Any]:
            late = has_passed(each.due, asked.as_of)
            return {
                "department": each.department.code,
                "indicator": each.indicator.code,
                "indicator_name": each.indicator.name,
                "area": each.area.code,
                "period": str(each.period),
                "due": each.due.isoformat(),
                "overdue": late,
                "days_late": (asked.as_of - each.due).days if late else 0,
            }

        if self.as_file:
            return self.file(map(shown, rows))
        return pagination.paged(request, rows, lambda each: each.place, shown, "reporting/due")

    @extend_schema(
        operation_id="v1_reporting_completeness",
        parameters=[
            _DEPARTMENT,
            OpenApiParameter("from", str, description="First due day or period. If omitted: 1 January last year."),
            OpenApiParameter("to", str, description="Last due day or period. If omitted: `as_of`."),
            AS_OF,
            RECORDED_BY,
        ],
        responses=answers.CompletenessSerializer(many=True),
    )
    def completeness(self, request: Request) -> HttpResponseBase:
        """Figures due, reported and reported in time, by department and month. Only due figures are counted."""
        asked = self._question(request)
        first = day_or_period(request, "from", end=False) or asked.since
        last = day_or_period(request, "to", end=True) or asked.as_of
        months = reporting.completeness(asked, first, last)
        rows = [_month(each) for each in months]
        return self.file(rows) if self.as_file else Response({"results": rows, "next": None})

    def _question(self, request: Request) -> Question:
        given, by, as_of = request.query_params, actor(request), parameters.as_of(request)
        return Question(
            by=by,
            as_of=as_of,
            today=clock.today(),
            since=_day(request, "since") or date(as_of.year - 1, 1, 1),
            family=_family(given.get("department")),
            indicator=_indicator(given.get("indicator"), by),
            area=Area.objects.by_code(given["area"], "?area").pk if "area" in given else None,
            recorded_by=parameters.moment(request, "recorded_by"),
        )


def _family(code: str | None) -> set[int] | None:
    if code is None:
        return None
    family: set[int] = Department.objects.family(Department.objects.by_code(code, "?department").pk)
    return family


def _indicator(code: str | None, by: Actor) -> int | None:
    return None if code is None else int(Indicator.objects.visible_to(by).by_code(code, "?indicator").pk)


def _day(request: Request, name: str) -> date | None:
    given = request.query_params.get(name)
    try:
        return None if given is None else parameters.day(given)
    except ValueError as error:
        raise refuse(name, text("A day YYYY-MM-DD is expected.", "Cần ngày dạng YYYY-MM-DD.")) from error


def _month(each: Month) -> dict[str, Any]:
    return {
        "department": each.department.code,
        "month": each.first.isoformat()[:7],
        "due": each.due,
        "reported": each.reported,
        "on_time": each.on_time,
        "late": each.late,
        "missing": each.due - each.reported,
        "completeness": percent(each.reported, each.due),
        "timeliness": percent(each.on_time, each.due),
    }
