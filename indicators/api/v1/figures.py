"""One figure and the history of its revisions."""

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.v1 import representation
from indicators.api.v1.tag_rules import FIGURE
from indicators.domain.choices import IndicatorKind
from indicators.domain.figures import ForecastRule, RecordOutcome, RevisionEntry, decide_outcome
from indicators.models import Revision
from indicators.payloads import FigureResultPayload, MeasurementPayload, PreviousRevisionPayload, RevisionPayload
from indicators.rest.file_context import FILE_CONTEXT, SERIES_COLUMNS
from indicators.services.figures import approvals, recording, revision_store
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, get_actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.rest import query_parameters
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.query_parameters import AS_OF, RECORDED_BY
from kpitracker.lib.rest.renderers import iso_timestamp
from kpitracker.lib.rest.serializers import StrictSerializer, StrictTextField
from kpitracker.lib.rest.viewsets import ListViewSet


class WithdrawalSerializer(StrictSerializer):
    reason = StrictTextField(help_text="Why it is withdrawn. It becomes the note of the revision.")


class MeasurementDetailViewSet(ListViewSet):
    # No pages and no filters: a figure has few revisions.
    pagination_class = None
    filterset_class = None
    queryset = Revision.objects.select_related("measurement__indicator", "approval")
    tag_rules = FIGURE
    exports = {"history": Export(RevisionPayload, "history", SERIES_COLUMNS, FILE_CONTEXT)}
    serializer_class = WithdrawalSerializer
    write_scope = Scope.FIGURES_WRITE
    query_parameters_by_action = {
        "retrieve": frozenset({"as_of", "recorded_by"}),
        "history": frozenset({"as_of", "recorded_by"}),
        "withdraw": frozenset({"quiet"}),
    }

    def revisions_of(self, pk: UUID) -> Any:
        return self.get_queryset().filter(measurement=pk)

    @extend_schema(parameters=[AS_OF, RECORDED_BY], responses=MeasurementPayload)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Read a figure: its revision in force."""
        revisions = self.revisions_of(pk)
        as_of, recorded_by = (
            query_parameters.as_of_parameter(request),
            query_parameters.datetime_parameter(request, "recorded_by"),
        )
        rows = representation.revision_rows(list(revisions.in_force(as_of, recorded_by)))
        if not rows:
            raise NotFound()
        return Response(rows[0])

    @extend_schema(parameters=[AS_OF, RECORDED_BY], responses=list[RevisionPayload])
    def history(self, request: Request, pk: UUID) -> HttpResponseBase:
        """List all revisions of a figure, in the order of recording: who posted each, when, and which one it replaced."""
        all_revisions = self.revisions_of(pk)
        as_of, recorded_by = (
            query_parameters.as_of_parameter(request),
            query_parameters.datetime_parameter(request, "recorded_by"),
        )
        known_ids = set(all_revisions.known_as_of(as_of, recorded_by).values_list("pk", flat=True))
        by, shown_ids = get_actor(request), set(known_ids)
        if as_of == clock.today() and recorded_by is None:
            # Also those that wait or were rejected, for those who may see them; never in a view of the past.
            without_approval = all_revisions.shown_to(by).filter(approval__state__in=["pending", "rejected"])
            shown_ids.update(without_approval.values_list("pk", flat=True))
        rows = _history_rows(list(all_revisions.filter(pk__in=shown_ids).with_poster(by).order_by("number")))
        if not rows:
            raise NotFound()
        return self.file_response(rows) if self.wants_file else Response({"results": rows, "next": None})

    @extend_schema(
        request=WithdrawalSerializer,
        responses={200: FigureResultPayload, 201: FigureResultPayload},
        parameters=[representation.QUIET],
    )
    def withdraw(self, request: Request, pk: UUID) -> Response:
        """Withdraw a figure that was posted by mistake: it must be reported again. 200: it was withdrawn before.

        A figure that only waits for approval is taken back by the department that posted it: it never counts, and waits no longer."""
        quiet = query_parameters.boolean_parameter(request, "quiet")
        by, now, body = get_actor(request), clock.now(), self.validated_body()
        if self.revisions_of(pk).in_force(clock.today()).exists():
            result = recording.withdraw_figure(figure_id=pk, by=by, now=now, quiet=quiet, **body)
        else:
            result = approvals.take_back_figure(figure_id=pk, by=by, now=now, **body)
        status = 200 if result.outcome is RecordOutcome.UNCHANGED else 201
        return Response(representation.record_result(result, quiet=quiet), status=status)


def _history_rows(revisions: list[Any]) -> list[RevisionPayload]:
    """Rows of revisions that carry `shown_poster`."""
    rows, valid_entries = list[RevisionPayload](), list[RevisionEntry]()
    by_number = {revision.number: revision for revision in revisions}
    for row, revision in zip(representation.revision_rows(revisions), revisions, strict=True):
        entry, approval = revision_store.to_entry(revision), getattr(revision, "approval", None)
        measurement = revision.measurement
        forecasts = ForecastRule(IndicatorKind(measurement.indicator.kind), measurement.period_end, entry.recorded_on)
        previous = decide_outcome(entry.content, entry.published, valid_entries, forecasts).previous
        rows.append(
            {
                **row,
                "quiet": revision.quiet,
                "posted_by": revision.shown_poster or None,
                "approval": revision_store.state_of(revision),
                "decided_at": iso_timestamp(approval.decided_at) if approval else None,
                "previous": _previous_row(by_number[previous.number]) if previous else None,
            }
        )
        if revision_store.state_of(revision) in ("valid", "approved"):
            valid_entries.append(entry)
    return rows


def _previous_row(revision: Revision) -> PreviousRevisionPayload:
    return {
        "revision": revision.number,
        "value": None if revision.value is None else format(revision.value, "f"),
        "missing_reason": revision.missing_reason or None,
        "stage": revision.stage,
        "published": "unknown" if revision.published is None else revision.published.isoformat(),
    }
