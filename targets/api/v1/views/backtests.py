"""Back-tests of a plan and of a target, below their URLs."""

from collections.abc import Iterable
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.rest.departments import DEPARTMENT_NAMES, DEPARTMENT_PARAMETERS, requested_departments
from indicators.rest.file_context import FILE_CONTEXT
from kpitracker.lib import clock
from kpitracker.lib.actor import get_actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.i18n.text import text
from kpitracker.lib.json_types import JsonObject
from kpitracker.lib.rest import query_parameters
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.query_parameters import AS_OF, RECORDED_BY
from kpitracker.lib.rest.viewsets import ListViewSet
from targets.api.v1.schemas import serializers
from targets.api.v1.tag_rules import BACKTESTS
from targets.models import Plan, Target
from targets.payloads.backtests import BacktestRow, PlanBacktestPayload, TargetBacktestPayload
from targets.services.reports import scorecards
from targets.services.reports.backtest import MAX_POINTS, BacktestQuery, Years, run_backtest
from targets.services.reports.backtest_payloads import backtest_rows, backtest_totals

BACKTEST_EXPORT = Export(
    BacktestRow,
    "backtest",
    leading_columns=("target", "as_of", "status", "label", "indicator", "indicator_name"),
    context=FILE_CONTEXT,
)
_PARAMETER_NAMES = frozenset({"from", "to", "as_of", "recorded_by"})
_YEAR_SCHEMA = {"type": "integer", "minimum": 1900, "maximum": 2199}
_PARAMETERS = [
    OpenApiParameter(
        "from",
        _YEAR_SCHEMA,
        description="First year: the same periods in other years, too. With `to` alone: the first year of the plan.",
    ),
    OpenApiParameter("to", _YEAR_SCHEMA, description="Last year. With `from` alone: the last year of the plan."),
    AS_OF,
    RECORDED_BY,
]


def parse_years(plan: Plan, first: str | None, last: str | None) -> Years | None:
    """The years of a back-test; None when neither is given. Raises `ValidationProblem` (invalid-parameter)."""
    if first is None and last is None:
        return None
    years = Years(
        plan.period_start.year if first is None else _parse_year(first, "from"),
        plan.period_end.year if last is None else _parse_year(last, "to"),
    )
    if years.first > years.last:
        raise query_parameters.invalid_parameter(
            "from",
            text(
                f"The first year, {years.first}, is after the last, {years.last}.",
                f"Năm đầu ({years.first}) sau năm cuối ({years.last}).",
            ),
        )
    return years


def _parse_year(value: str, name: str) -> int:
    try:
        if len(value) == len("2024"):
            return query_parameters.parse_day(f"{value}-01-01").year
    except ValueError:
        pass
    raise query_parameters.invalid_parameter(
        name, text("A year from 1900 to 2199 is expected, such as 2024.", "Cần năm từ 1900 đến 2199, ví dụ 2024.")
    )


def _build_query(request: Request, plan: Plan) -> BacktestQuery:
    return BacktestQuery(
        as_of=query_parameters.as_of_parameter(request),
        today=clock.today(),
        years=parse_years(plan, request.query_params.get("from"), request.query_params.get("to")),
        recorded_by=query_parameters.datetime_parameter(request, "recorded_by"),
    )


class BacktestViewSet(ListViewSet):
    # One document; as a file its rows.
    pagination_class = None
    filterset_class = None
    write_scope = None
    tag_rules = BACKTESTS
    exports = {"retrieve": BACKTEST_EXPORT}

    def get_subject(self) -> Any:
        subject = self.get_queryset().filter(**{self.lookup_field: self.kwargs[self.lookup_field]}).first()
        if subject is None:
            raise NotFound()
        return subject

    def respond(self, targets: Iterable[Target], query: BacktestQuery, subject: JsonObject) -> HttpResponseBase:
        points = run_backtest(targets, query, max_points=MAX_POINTS)
        rows = backtest_rows(points)
        if self.wants_file:
            return self.file_response(rows)
        as_of, totals = query.as_of.isoformat(), backtest_totals(points)
        return Response({**subject, "as_of": as_of, "totals": totals, "rows": rows})


class PlanBacktestViewSet(BacktestViewSet):
    queryset = Plan.objects.select_related("area", "department")
    lookup_field = "code"
    query_parameters_by_action = {"retrieve": _PARAMETER_NAMES | DEPARTMENT_NAMES | {"section"}}
    optional_texts = frozenset({"section"})

    @extend_schema(
        parameters=[
            *_PARAMETERS,
            *DEPARTMENT_PARAMETERS,
            OpenApiParameter("section", str, description="Only this section."),
        ],
        responses=PlanBacktestPayload,
    )
    def retrieve(self, request: Request, code: str) -> HttpResponseBase:
        """Read what was said of a plan at the end of each quarter, and what came.

        The errors of the outlooks stand beside those of plain methods. With `format=csv` or `format=xlsx`: the rows.
        """
        plan = self.get_subject()
        query = _build_query(request, plan)
        requested = scorecards.ScorecardQuery(
            plan=plan,
            as_of=query.as_of,
            today=query.today,
            by=get_actor(request),
            departments=requested_departments(request),
            section=request.query_params.get("section"),
        )
        return self.respond(
            scorecards.load_targets(requested), query, {"plan": dict(serializers.PlanSerializer(plan).data)}
        )


class TargetBacktestViewSet(BacktestViewSet):
    queryset = Target.objects.for_list()
    lookup_field = "identifier"
    query_parameters_by_action = {"retrieve": _PARAMETER_NAMES}

    @extend_schema(parameters=_PARAMETERS, responses=TargetBacktestPayload)
    def retrieve(self, request: Request, identifier: str) -> HttpResponseBase:
        """Read what was said of a target at the end of each quarter, and what came."""
        target = self.get_subject()
        return self.respond([target], _build_query(request, target.plan), {"target": target.identifier})
