"""Missing figures, and how complete and punctual the reports of departments are."""

from datetime import date

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.domain.calendars import has_passed
from indicators.models import Area, Indicator
from indicators.rest.departments import DEPARTMENT_NAMES, DEPARTMENT_PARAMETERS, requested_departments
from indicators.rest.fields import period_bound
from indicators.rest.file_context import FILE_CONTEXT, NAMES_OF_INDICATOR
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, get_actor
from kpitracker.lib.rest import pagination, query_parameters
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.query_parameters import AS_OF, RECORDED_BY
from kpitracker.lib.rest.viewsets import ListViewSet
from targets.api.v1.tag_rules import REPORTING
from targets.domain.rollup import format_percent
from targets.payloads.scorecards import DueFigurePayload, MonthlyCompletenessPayload
from targets.services.reports import reporting
from targets.services.reports.reporting import MonthlyCompleteness, Obligation, ReportingQuery

_PAGE_PARAMETERS = frozenset({"cursor", "page_size"})
_DAY_SCHEMA = {"type": "string", "format": "date"}


class ReportingViewSet(ListViewSet):
    pagination_class = None
    filterset_class = None
    queryset = Indicator.objects.all()
    tag_rules = REPORTING
    write_scope = None
    exports = {
        "due": Export(DueFigurePayload, "due", (*NAMES_OF_INDICATOR, "area", "period"), FILE_CONTEXT),
        "completeness": Export(MonthlyCompletenessPayload, "completeness"),
    }
    query_parameters_by_action = {
        "due": _PAGE_PARAMETERS
        | DEPARTMENT_NAMES
        | {"area", "indicator", "due_before", "since", "as_of", "recorded_by"},
        "completeness": DEPARTMENT_NAMES | {"from", "to", "as_of", "recorded_by"},
    }

    @extend_schema(
        operation_id="reporting_due_list",
        parameters=[
            *DEPARTMENT_PARAMETERS,
            OpenApiParameter("area", str, description="Code of an area."),
            OpenApiParameter("indicator", str, description="Code of an indicator."),
            OpenApiParameter("due_before", _DAY_SCHEMA, description="Only figures due before this day."),
            OpenApiParameter(
                "since",
                _DAY_SCHEMA,
                description="Periods that ended on this day or later. If omitted: 1 January last year.",
            ),
            OpenApiParameter("cursor", str, description="From `next`."),
            OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}),
            AS_OF,
            RECORDED_BY,
        ],
        responses=list[DueFigurePayload],
    )
    def due(self, request: Request) -> HttpResponseBase:
        """List the missing figures, by due day. No figure is missing before its period has ended."""
        query = self._build_query(request)
        due_before = query_parameters.any_day_parameter(request, "due_before")
        obligations = [
            obligation
            for obligation in reporting.list_missing_figures(query)
            if due_before is None or obligation.due_day < due_before
        ]

        def due_row(obligation: Obligation) -> DueFigurePayload:
            is_late = has_passed(obligation.due_day, query.as_of)
            return {
                "department": obligation.department.code,
                "indicator": obligation.indicator.code,
                "indicator_name": obligation.indicator.name,
                "indicator_name_en": obligation.indicator.name_en,
                "area": obligation.area.code,
                "period": str(obligation.period),
                "due": obligation.due_day.isoformat(),
                "overdue": is_late,
                "days_late": (query.as_of - obligation.due_day).days if is_late else 0,
            }

        if self.wants_file:
            return self.file_response(map(due_row, obligations))
        return pagination.paginate_list(
            request, obligations, lambda obligation: obligation.sort_key, due_row, "reporting/due"
        )

    @extend_schema(
        operation_id="reporting_completeness_list",
        parameters=[
            *DEPARTMENT_PARAMETERS,
            OpenApiParameter("from", str, description="First due day or period. If omitted: 1 January last year."),
            OpenApiParameter("to", str, description="Last due day or period. If omitted: `as_of`."),
            AS_OF,
            RECORDED_BY,
        ],
        responses=list[MonthlyCompletenessPayload],
    )
    def completeness(self, request: Request) -> HttpResponseBase:
        """Count the figures due, reported and reported in time, by department and month. Only due figures are counted."""
        query = self._build_query(request)
        first = period_bound(request, "from", end=False) or query.since
        last = period_bound(request, "to", end=True) or query.as_of
        months = reporting.monthly_completeness(query, first, last)
        rows = [_month_row(month) for month in months]
        return self.file_response(rows) if self.wants_file else Response({"results": rows, "next": None})

    def _build_query(self, request: Request) -> ReportingQuery:
        params, by, as_of = request.query_params, get_actor(request), query_parameters.as_of_parameter(request)
        return ReportingQuery(
            by=by,
            as_of=as_of,
            today=clock.today(),
            since=query_parameters.any_day_parameter(request, "since") or date(as_of.year - 1, 1, 1),
            departments=requested_departments(request),
            indicator=_indicator_id(params.get("indicator"), by),
            area=Area.objects.by_code(params["area"], "?area").pk if "area" in params else None,
            recorded_by=query_parameters.datetime_parameter(request, "recorded_by"),
        )


def _indicator_id(code: str | None, by: Actor) -> int | None:
    return None if code is None else int(Indicator.objects.visible_to(by).by_code(code, "?indicator").pk)


def _month_row(month: MonthlyCompleteness) -> MonthlyCompletenessPayload:
    completeness, timeliness = (format_percent(count, month.due_count) for count in (month.reported, month.on_time))
    assert completeness is not None  # a month without due figures has no row
    assert timeliness is not None
    return {
        "department": month.department.code,
        "month": month.first_day.isoformat()[:7],
        "due": month.due_count,
        "reported": month.reported,
        "on_time": month.on_time,
        "late": month.late,
        "missing": month.due_count - month.reported,
        "completeness": completeness,
        "timeliness": timeliness,
    }
