"""List and post figures."""

from collections.abc import Mapping, Sequence

from django.db.models import F, QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.v1 import representation
from indicators.api.v1.filters import MeasurementFilters
from indicators.domain.figures import RecordOutcome
from indicators.models import Revision
from indicators.payloads import FigureResultPayload, MeasurementPayload
from indicators.rest import serializers
from indicators.rest.file_context import FILE_CONTEXT
from indicators.services.figures import recording
from indicators.services.figures.recording import FigureInput
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, get_actor
from kpitracker.lib.rest import idempotency, query_parameters
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.query_parameters import AS_OF, RECORDED_BY
from kpitracker.lib.rest.viewsets import ListViewSet


class MeasurementViewSet(ListViewSet):
    """Lists revisions and records figures. A correction is a new revision, a withdrawal one without a value."""

    queryset = Revision.objects.select_related("measurement")
    serializer_class = serializers.FigureSerializer
    filterset_class = MeasurementFilters
    write_scope = Scope.FIGURES_WRITE
    # Fields that can be posted come first, so that an exported file can be imported again.
    exports = {
        "list": Export(MeasurementPayload, "figures", tuple(serializers.FigureSerializer().fields), FILE_CONTEXT),
    }
    ordering = "recorded_at"
    ordering_columns = {
        "recorded_at": "pk",
        "period_end": "measurement__period_end",
        "period_start": "measurement__period_start",
    }
    query_parameters_by_action = {
        "list": frozenset({"as_of", "recorded_by", "include_history"}),
        "create": frozenset({"quiet"}),
    }

    def get_queryset(self) -> QuerySet[Revision]:
        if self.action != "list":
            return super().get_queryset()
        as_of = query_parameters.as_of_parameter(self.request)
        recorded_by = query_parameters.datetime_parameter(self.request, "recorded_by")
        revisions = super().get_queryset()
        if query_parameters.boolean_parameter(self.request, "include_history"):
            return revisions.filter(pk__in=Revision.objects.known_as_of(as_of, recorded_by).values("pk"))
        if as_of == clock.today() and recorded_by is None:
            return revisions.filter(pk=F("measurement__current_revision"))
        # As a subquery: other filters would apply before the window function, which then ranks too few rows.
        return revisions.filter(pk__in=Revision.objects.in_force(as_of, recorded_by).values("pk"))

    def rows(self, page: Sequence[Revision]) -> Sequence[Mapping[str, object]]:
        return representation.revision_rows(page)

    @extend_schema(
        responses=list[MeasurementPayload],
        parameters=[
            AS_OF,
            RECORDED_BY,
            OpenApiParameter("include_history", bool, description="All revisions, not only those in force."),
        ],
    )
    def list(self, request: Request, *args: object, **kwargs: object) -> HttpResponseBase:
        """List figures. A correction is a new revision, a withdrawal a revision without value."""
        return super().list(request, *args, **kwargs)

    @extend_schema(
        request=serializers.FigureSerializer,
        responses={200: FigureResultPayload, 201: FigureResultPayload},
        parameters=[representation.QUIET],
    )
    def create(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Record one figure. 201: created or revised; 200: unchanged, because the content is the same: nothing is written."""
        now = clock.now()
        # Published today, unless the client gives a day or null (unknown).
        values = {"published": clock.local_day(now)} | self.validated_body()
        quiet, figure = query_parameters.boolean_parameter(request, "quiet"), FigureInput(**values)
        with idempotency.write_transaction(request):
            result = recording.record_in_transaction(figure=figure, by=get_actor(request), now=now, quiet=quiet)
        # A stage regression has raised an error.
        status = 200 if result.outcome is RecordOutcome.UNCHANGED else 201
        return Response(representation.record_result(result, quiet=quiet), status=status)
