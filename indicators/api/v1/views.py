"""View sets of areas, departments, indicators and reporting duties."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.v1 import filters
from indicators.api.v1.series import series_rows
from indicators.api.v1.tag_rules import CATALOGUE_OBJECTS, INDICATORS
from indicators.models import Area, Department, Indicator, ReportingDuty
from indicators.payloads import SeriesFileRow, SeriesPointPayload
from indicators.rest import serializers
from indicators.rest.fields import period_bound
from indicators.rest.file_context import FILE_CONTEXT, SERIES_COLUMNS
from indicators.services.catalogue import areas, departments, indicators, reporting_duties
from indicators.visibility import visible_parts
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, get_actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.json_types import FieldValues
from kpitracker.lib.rest import query_parameters
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.query_parameters import AS_OF, RECORDED_BY
from kpitracker.lib.rest.viewsets import EditableViewSet

_CODE_AND_NAME = {"code": "code", "name": "name"}


class AreaViewSet(EditableViewSet):
    queryset = Area.objects.select_related("parent", "successor")
    tag_rules = CATALOGUE_OBJECTS
    serializer_class = serializers.AreaSerializer
    filterset_class = filters.AreaFilters
    exports = {"list": Export(serializers.AreaSerializer, "areas")}
    write_scope = Scope.ADMIN
    ordering, ordering_columns = "code", _CODE_AND_NAME

    def create_row(self, data: FieldValues) -> models.Model:
        return areas.create_area(by=get_actor(self.request), **data)

    def update_row(self, row: Area, data: FieldValues) -> models.Model:
        return areas.update_area(area=row, by=get_actor(self.request), now=clock.now(), **data)

    def delete_row(self, row: Area) -> None:
        areas.delete_area(area=row, by=get_actor(self.request))


class DepartmentViewSet(EditableViewSet):
    queryset = Department.objects.select_related("parent", "successor")
    tag_rules = CATALOGUE_OBJECTS
    serializer_class = serializers.DepartmentSerializer
    filterset_class = filters.DepartmentListFilters
    exports = {"list": Export(serializers.DepartmentSerializer, "departments")}
    write_scope = Scope.ADMIN
    ordering, ordering_columns = "code", _CODE_AND_NAME

    def create_row(self, data: FieldValues) -> models.Model:
        return departments.create_department(by=get_actor(self.request), **data)

    def update_row(self, row: Department, data: FieldValues) -> models.Model:
        return departments.update_department(department=row, by=get_actor(self.request), **data)

    def delete_row(self, row: Department) -> None:
        departments.delete_department(department=row, by=get_actor(self.request))


class IndicatorViewSet(EditableViewSet):
    queryset = Indicator.objects.select_related("department")
    tag_rules = INDICATORS
    serializer_class = serializers.IndicatorSerializer
    filterset_class = filters.IndicatorFilters
    exports = {
        "list": Export(serializers.IndicatorSerializer, "indicators"),
        "series": Export(SeriesFileRow, "series", SERIES_COLUMNS, FILE_CONTEXT),
    }
    write_scope = Scope.ADMIN
    ordering, ordering_columns = "code", _CODE_AND_NAME
    query_parameters_by_action = {
        "series": frozenset({"area", "from", "to", "as_of", "recorded_by", "include_predecessors"})
    }

    def get_queryset(self) -> QuerySet[Indicator]:
        return super().get_queryset().prefetch_related(visible_parts(get_actor(self.request)))

    def create_row(self, data: FieldValues) -> models.Model:
        return indicators.create_indicator(by=get_actor(self.request), **data)

    def update_row(self, row: Indicator, data: FieldValues) -> models.Model:
        return indicators.update_indicator(indicator=row, by=get_actor(self.request), now=clock.now(), **data)

    def delete_row(self, row: Indicator) -> None:
        indicators.delete_indicator(indicator=row, by=get_actor(self.request))

    @extend_schema(
        parameters=[
            OpenApiParameter("area", str, description="Code of an area; left out: the home area."),
            OpenApiParameter("from", str, description="First day or period."),
            OpenApiParameter("to", str, description="Last day or period."),
            AS_OF,
            RECORDED_BY,
            OpenApiParameter(
                "include_predecessors",
                bool,
                description="Also the rows of areas that merged into it, and the sums over all of them before the merger.",
            ),
        ],
        responses=list[SeriesPointPayload],
    )
    @action(detail=True, url_path="series", pagination_class=None, filterset_class=None)
    def series(self, request: Request, code: str) -> HttpResponseBase:
        """List the series of an indicator, in order of periods. For a formula: its values over each period of its inputs.

        Where figures are summed over areas, also the sums and their completeness."""
        rows = series_rows(
            indicator=self.get_object(),
            area=Area.objects.by_code_or_home(request.query_params.get("area"), "?area"),
            first=period_bound(request, "from", end=False),
            last=period_bound(request, "to", end=True),
            as_of=query_parameters.as_of_parameter(request),
            recorded_by=query_parameters.datetime_parameter(request, "recorded_by"),
            with_predecessors=query_parameters.boolean_parameter(request, "include_predecessors"),
        )
        if self.wants_file:
            return self.file_response({**row, "indicator": code} for row in rows)
        return Response({"results": rows, "next": None})


class ReportingDutyViewSet(EditableViewSet):
    """Who reports what for which area; a duty replaces the default, which is the indicator's department."""

    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    queryset = ReportingDuty.objects.select_related("indicator", "area", "department")
    tag_rules = CATALOGUE_OBJECTS
    serializer_class = serializers.ReportingDutySerializer
    filterset_class = filters.ReportingDutyFilters
    exports = {"list": Export(serializers.ReportingDutySerializer, "duties")}
    write_scope = Scope.ADMIN
    ordering, ordering_columns = "id", {"id": "uid"}
    lookup_field = tie_breaker = "uid"
    lookup_value_regex = "[0-9a-f-]{36}"

    def get_row(self, queryset: QuerySet[ReportingDuty]) -> ReportingDuty:
        try:
            row: ReportingDuty = super().get_row(queryset)
        except ValidationError as error:  # not a valid id
            raise NotFound() from error
        return row

    def partial_update(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Change the days of a reporting duty; `valid_to` ends it. For another department create a second duty."""
        return super().partial_update(request, *args, **kwargs)

    def destroy(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Delete a reporting duty that was given by mistake: no department had to report because of it."""
        return super().destroy(request, *args, **kwargs)

    def create_row(self, data: FieldValues) -> models.Model:
        return reporting_duties.create_duty(by=get_actor(self.request), **data)

    def update_row(self, row: ReportingDuty, data: FieldValues) -> models.Model:
        return reporting_duties.change_duty(duty=row, by=get_actor(self.request), **data)

    def delete_row(self, row: ReportingDuty) -> None:
        reporting_duties.delete_duty(duty=row, by=get_actor(self.request))
