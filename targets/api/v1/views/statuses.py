"""The flat list of statuses that apps poll."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.rest.file_context import FILE_CONTEXT
from kpitracker.lib.actor import get_actor
from kpitracker.lib.i18n.text import text
from kpitracker.lib.json_types import JsonObject
from kpitracker.lib.rest import query_parameters
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.pagination import KeysetPagination
from kpitracker.lib.rest.viewsets import ListViewSet
from targets.api.v1 import filters
from targets.api.v1.schemas import representation
from targets.api.v1.tag_rules import STATUSES
from targets.models import Assessment, RemovedTarget
from targets.payloads.assessments import TargetStatusPayload
from targets.services.assessment.daily import last_assessed_day


def changes_after(request: Request) -> int | datetime | None:
    """The change number or the time of `updated_after`, or None when it is not given.

    By time, a slow transaction that commits after a faster one would be missed; a number cannot miss it.
    """
    updated_after = request.query_params.get("updated_after")
    if updated_after is not None and updated_after.isascii() and updated_after.isdigit() and len(updated_after) <= 18:
        return int(updated_after)
    return query_parameters.datetime_parameter(request, "updated_after")


class StatusPagination(KeysetPagination):
    """With `updated_after` each page also names the targets that were removed: a client would not learn of it otherwise."""

    def get_paginated_response(self, data: object) -> Response:
        response = super().get_paginated_response(data)
        after = changes_after(self.request)
        if after is not None:
            is_later = Q(change__gt=after) if isinstance(after, int) else Q(removed_at__gt=after)
            visible = RemovedTarget.objects.visible_to(get_actor(self.request))
            requested = filters.RemovedTargetFilters(self.request.query_params, queryset=visible).qs
            response.data["removed"] = requested.removed_since(is_later)
        return response

    def get_paginated_response_schema(self, schema: JsonObject) -> JsonObject:
        document: JsonObject = super().get_paginated_response_schema(schema)
        document["properties"]["removed"] = {
            "type": "array",
            "items": {"type": "string"},
            "description": "With `updated_after`: ids of targets that were deleted since and fit the other filters, whatever their status.",
        }
        return document


class StatusViewSet(ListViewSet):
    """The current status of every target. With `updated_after`: only those that changed, oldest first."""

    queryset = Assessment.objects.for_list()
    tag_rules = STATUSES
    filterset_class = filters.StatusFilters
    exports = {
        "list": Export(
            TargetStatusPayload,
            "statuses",
            ("target", "plan", "indicator", "indicator_name", "as_of", "version", "status", "label"),
            FILE_CONTEXT,
        )
    }
    write_scope = None
    ordering = "target"
    ordering_columns, tie_breaker = {"target": "target__identifier", "change": "change"}, "target__identifier"
    query_parameters_by_action = {"list": frozenset({"updated_after"})}
    pagination_class = StatusPagination

    def get_queryset(self) -> QuerySet[Assessment]:
        queryset = super().get_queryset()
        after = changes_after(self.request)
        if after is None:
            return queryset
        if self.request.query_params.get("ordering", "change") != "change":
            raise query_parameters.invalid_parameter(
                "ordering", text("With updated_after: oldest first.", "Khi có updated_after: cũ nhất trước.")
            )
        self.ordering = "change"
        return queryset.filter(Q(change__gt=after) if isinstance(after, int) else Q(changed_at__gt=after))

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
        """List the statuses of all targets. With `updated_after`: only those that changed, oldest first."""
        return super().list(request, *args, **kwargs)
