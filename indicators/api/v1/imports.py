"""Imports: their progress, their result, and undoing them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.v1 import import_reports
from indicators.api.v1.representation import QUIET
from indicators.models import Import, ImportProblem
from indicators.payloads import BatchErrorPayload, ImportPayload
from indicators.services.batches import import_undo
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, get_actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.rest import query_parameters
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.viewsets import ListViewSet

MAX_ERRORS = 1000  # rejected rows in the detail of an import; its error list has all


@extend_schema_view(list=extend_schema(responses=list[ImportPayload]), retrieve=extend_schema(responses=ImportPayload))
class ImportViewSet(ListViewSet):
    queryset = Import.objects.select_related("department").defer("doubtful_rows")
    exports = {"list": Export(ImportPayload, "imports")}
    write_scope = Scope.FIGURES_WRITE
    ordering = "-created_at"
    ordering_columns = {"created_at": "created_at"}
    query_parameters_by_action = {"undo": frozenset({"quiet"})}

    def rows(self, page: Sequence[Import]) -> Sequence[Mapping[str, object]]:
        return [import_reports.import_row(batch) for batch in page]

    def retrieve(self, request: Request, pk: str) -> Response:
        batch = self.get_import(pk)
        problems = ImportProblem.objects.visible_to(get_actor(request)).filter(batch=batch).order_by("row")[:MAX_ERRORS]
        body = import_reports.import_row(batch)
        body["errors"] = [import_reports.stored_error_row(row) for row in problems]
        return Response(body)

    @extend_schema(request=None, responses=ImportPayload, parameters=[QUIET])
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Undo an import: withdraw its figures. Figures that cannot be withdrawn (a newer revision exists) are listed."""
        quiet = query_parameters.boolean_parameter(request, "quiet")
        batch = import_undo.undo_batch(batch=self.get_import(pk), by=get_actor(request), now=clock.now(), quiet=quiet)
        return Response(import_reports.import_row(batch))

    def get_import(self, pk: str) -> Import:
        try:
            batch: Import = self.get_queryset().get(pk=UUID(pk))
        except (ValueError, Import.DoesNotExist) as error:
            raise NotFound() from error
        return batch


@extend_schema_view(
    list=extend_schema(
        responses=list[BatchErrorPayload],
        description="List the rejected rows of an import.",
        parameters=[OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="The import.")],
    )
)
class ImportErrorViewSet(ListViewSet):
    queryset = ImportProblem.objects.all()
    exports = {"list": Export(BatchErrorPayload, "errors")}
    ordering = "row"
    ordering_columns = {"row": "row"}
    tie_breaker = "row"

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        try:
            return rows.filter(batch=UUID(self.kwargs["pk"]))
        except (ValueError, KeyError):
            return rows.none()

    def rows(self, page: Sequence[ImportProblem]) -> Sequence[Mapping[str, object]]:
        return [import_reports.stored_error_row(row) for row in page]
