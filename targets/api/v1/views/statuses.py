"""The flat list of statuses that apps poll."""

from collections.abc import Mapping, Sequence

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest import query_parameters
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.viewsets import ListViewSet
from targets.api.v1 import filters
from targets.api.v1.schemas import representation
from targets.models import Assessment
from targets.payloads.assessments import TargetStatusPayload
from targets.services.assessment.daily import last_assessed_day


class StatusViewSet(ListViewSet):
    """The current status of every target. With `updated_after`: only those that changed, oldest first."""

    queryset = Assessment.objects.for_list()
    filterset_class = filters.StatusFilters
    exports = {
        "list": Export(
            TargetStatusPayload,
            "statuses",
            ("target", "plan", "indicator", "indicator_name", "as_of", "version", "status", "label"),
        )
    }
    write_scope = None
    ordering = "target"
    ordering_columns, tie_breaker = {"target": "target__identifier", "change": "change"}, "target__identifier"
    query_parameters_by_action = {"list": frozenset({"updated_after"})}

    def get_queryset(self) -> QuerySet[Assessment]:
        queryset = super().get_queryset()
        updated_after = self.request.query_params.get("updated_after")
        if updated_after is None:
            return queryset
        if self.request.query_params.get("ordering", "change") != "change":
            raise query_parameters.invalid_parameter(
                "ordering", text("With updated_after: oldest first.", "Khi có updated_after: cũ nhất trước.")
            )
        # Filter by number: by time, a slow transaction that commits after a faster one would be missed.
        self.ordering = "change"
        if updated_after.isascii() and updated_after.isdigit() and len(updated_after) <= 18:
            return queryset.filter(change__gt=int(updated_after))
        return queryset.filter(changed_at__gt=query_parameters.datetime_parameter(self.request, "updated_after"))

    def rows(self, page: Sequence[Assessment]) -> Sequence[Mapping[str, object]]:
        assessed_day = last_assessed_day()
        return [
            representation.assessment_row(row, max(row.as_of, assessed_day or row.as_of).isoformat()) for row in page
        ]

    @extend_schema(
        responses=list[TargetStatusPayload],
        parameters=[
            OpenApiParameter(
                "updated_after",
                str,
                description="The largest `change` read so far; for the first request a time with offset.",
            )
        ],
    )
    def list(self, request: Request, *args: object, **kwargs: object) -> HttpResponseBase:
        return super().list(request, *args, **kwargs)
