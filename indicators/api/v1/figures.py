"""One figure and the history of its revisions."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.v1 import representation
from indicators.api.v1.fields import PublishedField
from indicators.api.v1.serializers import FigureRowSerializer
from indicators.api.v1.views import AS_OF, RECORDED_BY
from indicators.domain.recording import Entry, decide
from indicators.models import Department, Revision
from indicators.models.approval import APPROVAL_STATES
from indicators.services import history
from kpitracker.lib import clock, parameters
from kpitracker.lib.actor import Actor, Scope, actor
from kpitracker.lib.errors import Missing
from kpitracker.lib.exports import Export
from kpitracker.lib.rendering import timestamp
from kpitracker.lib.serializers import NumberField, StrictSerializer
from kpitracker.lib.views import ListMixin

_STATES = ["valid", *(state for state, _ in APPROVAL_STATES)]


class ReplacedSerializer(StrictSerializer):
    """The revision that was in force before."""

    revision = serializers.IntegerField(read_only=True)
    value = NumberField(read_only=True, allow_null=True)
    missing_reason = serializers.CharField(read_only=True, allow_null=True)
    stage = serializers.CharField(read_only=True)
    published = PublishedField(read_only=True)


class RevisionRowSerializer(FigureRowSerializer):
    """One revision of a figure."""

    posted_by = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="Shown to the department that posted it, those above it, and `admin`.",
    )
    approval = serializers.ChoiceField(choices=_STATES, read_only=True, help_text="`valid`: none was needed.")
    decided_at = serializers.DateTimeField(read_only=True, allow_null=True)
    previous = ReplacedSerializer(read_only=True, allow_null=True)


class FigureViewSet(ListMixin):
    # No pages and no filters: a figure has few revisions.
    pagination_class = None
    filterset_class = None
    queryset = Revision.objects.select_related("measurement", "approval")
    serializer_class = FigureRowSerializer
    exports = {"history": Export(RevisionRowSerializer, "history")}
    parameters = {
        "retrieve": frozenset({"as_of", "recorded_by"}),
        "history": frozenset({"as_of", "recorded_by"}),
    }

    def revisions(self, pk: UUID) -> Any:
        return self.get_queryset().filter(measurement=pk)

    @extend_schema(parameters=[AS_OF, RECORDED_BY], responses=FigureRowSerializer)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        found = self.revisions(pk)
        as_of, recorded_by = parameters.as_of(request), parameters.moment(request, "recorded_by")
        rows = representation.revision_rows(list(found.in_force(as_of, recorded_by)))
        if not rows:
            raise Missing()
        return Response(rows[0])

    @extend_schema(parameters=[AS_OF, RECORDED_BY], responses=RevisionRowSerializer(many=True))
    def history(self, request: Request, pk: UUID) -> HttpResponseBase:
        """All revisions in the order of recording: who posted each one, when, and which revision it replaced."""
        of_figure = self.revisions(pk)
        as_of, recorded_by = parameters.as_of(request), parameters.moment(request, "recorded_by")
        known = set(of_figure.known(as_of, recorded_by).values_list("pk", flat=True))
        revisions = list(of_figure.order_by("number"))
        inside = _insider(actor(request))
        # Pending and rejected revisions: only for callers who may see the poster, and never in a view of the past.
        undecided = as_of == clock.today() and recorded_by is None
        shown = [
            each
            for each in revisions
            if each.pk in known or (undecided and inside(each) and history.state_of(each) in ("pending", "rejected"))
        ]
        if not shown:
            raise Missing()
        rows = _rows(shown, inside)
        return self.file(rows) if self.as_file else Response({"results": rows, "next": None})


def _insider(by: Actor) -> Callable[[Revision], bool]:
    """A check whether `by` may see who posted a revision: with `admin`, or at or above the posting department."""
    everything = by.may(Scope.ADMIN)
    family = set() if by.department is None else Department.objects.family(by.department)
    return lambda revision: everything or revision.department_id in family


def _rows(revisions: list[Revision], inside: Callable[[Revision], bool]) -> list[dict[str, Any]]:
    found, valid = [], list[Entry]()
    by_number = {revision.number: revision for revision in revisions}
    for row, revision in zip(representation.revision_rows(revisions), revisions, strict=True):
        entry, approval = history.entry(revision), history.approval_of(revision)
        before = decide(entry.content, entry.published, valid).previous
        found.append(
            {
                **row,
                "posted_by": revision.posted_by if inside(revision) else None,
                "approval": history.state_of(revision),
                "decided_at": timestamp(approval.decided_at) if approval else None,
                "previous": _replaced(by_number[before.number]) if before else None,
            }
        )
        if history.state_of(revision) in ("valid", "approved"):
            valid.append(entry)
    return found


def _replaced(revision: Revision) -> dict[str, Any]:
    return {
        "revision": revision.number,
        "value": None if revision.value is None else format(revision.value, "f"),
        "missing_reason": revision.missing_reason or None,
        "stage": revision.stage,
        "published": "unknown" if revision.published is None else revision.published.isoformat(),
    }
