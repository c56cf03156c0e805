"""One figure and the history of its revisions."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.v1 import representation
from indicators.domain.figures import RevisionEntry, decide_outcome
from indicators.models import Department, Revision
from indicators.payloads import MeasurementPayload, PreviousRevisionPayload, RevisionPayload
from indicators.services.figures import revision_store
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope, get_actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.rest import query_parameters
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.query_parameters import AS_OF, RECORDED_BY
from kpitracker.lib.rest.renderers import iso_timestamp
from kpitracker.lib.rest.viewsets import ListViewSet


class MeasurementDetailViewSet(ListViewSet):
    # No pages and no filters: a figure has few revisions.
    pagination_class = None
    filterset_class = None
    queryset = Revision.objects.select_related("measurement", "approval")
    exports = {"history": Export(RevisionPayload, "history")}
    query_parameters_by_action = {
        "retrieve": frozenset({"as_of", "recorded_by"}),
        "history": frozenset({"as_of", "recorded_by"}),
    }

    def revisions_of(self, pk: UUID) -> Any:
        return self.get_queryset().filter(measurement=pk)

    @extend_schema(parameters=[AS_OF, RECORDED_BY], responses=MeasurementPayload)
    def retrieve(self, request: Request, pk: UUID) -> Response:
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
        """All revisions in the order of recording: who posted each one, when, and which revision it replaced."""
        all_revisions = self.revisions_of(pk)
        as_of, recorded_by = (
            query_parameters.as_of_parameter(request),
            query_parameters.datetime_parameter(request, "recorded_by"),
        )
        known_ids = set(all_revisions.known_as_of(as_of, recorded_by).values_list("pk", flat=True))
        revisions = list(all_revisions.order_by("number"))
        may_see_poster = _poster_check(get_actor(request))
        # Pending and rejected revisions: only for callers who may see the poster, and never in a view of the past.
        is_present = as_of == clock.today() and recorded_by is None
        visible = [
            revision
            for revision in revisions
            if revision.pk in known_ids
            or (
                is_present and may_see_poster(revision) and revision_store.state_of(revision) in ("pending", "rejected")
            )
        ]
        if not visible:
            raise NotFound()
        rows = _history_rows(visible, may_see_poster)
        return self.file_response(rows) if self.wants_file else Response({"results": rows, "next": None})


def _poster_check(by: Actor) -> Callable[[Revision], bool]:
    """A check whether `by` may see who posted a revision: with `admin`, or at or above the posting department."""
    sees_all = by.may(Scope.ADMIN)
    department_ids = set() if by.department is None else Department.objects.subtree_ids(by.department)
    return lambda revision: sees_all or revision.department_id in department_ids


def _history_rows(revisions: list[Revision], may_see_poster: Callable[[Revision], bool]) -> list[RevisionPayload]:
    rows, valid_entries = list[RevisionPayload](), list[RevisionEntry]()
    by_number = {revision.number: revision for revision in revisions}
    for row, revision in zip(representation.revision_rows(revisions), revisions, strict=True):
        entry, approval = revision_store.to_entry(revision), getattr(revision, "approval", None)
        previous = decide_outcome(entry.content, entry.published, valid_entries).previous
        rows.append(
            {
                **row,
                "posted_by": revision.posted_by if may_see_poster(revision) else None,
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
