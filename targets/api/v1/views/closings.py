"""Frozen scorecards, below the URL of their plan."""

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kpitracker.lib import clock
from kpitracker.lib.actor import get_actor
from kpitracker.lib.rest import query_parameters
from kpitracker.lib.rest.query_parameters import AS_OF
from kpitracker.lib.rest.renderers import iso_timestamp
from kpitracker.lib.rest.viewsets import EditableViewSet
from targets.api.v1.schemas import serializers
from targets.models import Closing
from targets.payloads.scorecards import ClosingComparisonPayload, ClosingDetailPayload, ClosingPayload
from targets.services.reports import closings
from targets.services.reports.closings import VisibleClosing


def closing_row(snapshot: VisibleClosing) -> ClosingPayload:
    closing = snapshot.closing
    return {
        "plan": closing.plan.code,
        "number": closing.number,
        "as_of": closing.as_of.isoformat(),
        "recorded_by": iso_timestamp(closing.recorded_by),
        "reason": closing.reason,
        "closed_by": closing.closed_by,
        "sha256": snapshot.digest,
        "whole": snapshot.has_all_targets,
    }


class PlanClosingActions(EditableViewSet):
    # The actions of the plan view set about closings.

    @extend_schema(methods=["GET"], responses=list[ClosingPayload], description="List the frozen scorecards of a plan.")
    @extend_schema(methods=["POST"], request=serializers.ClosePlanSerializer, responses={201: ClosingPayload})
    @action(
        detail=True,
        methods=["get", "post"],
        filterset_class=None,
        serializer_class=serializers.ClosePlanSerializer,
        ordering="number",
        ordering_columns={"number": "number"},
        tie_breaker="number",
    )
    def closings(self, request: Request, code: str) -> HttpResponseBase:
        """Freeze the scorecard of a plan. From the last day of the plan on this also locks the plan's periods."""
        plan, by = self.get_object(), get_actor(request)
        if request.method == "GET":
            closings_of_plan = Closing.objects.visible_to(by).filter(plan=plan).select_related("plan")
            return self.list_response(
                closings_of_plan, lambda page: [closing_row(closings.visible_closing(closing, by)) for closing in page]
            )
        new_closing = closings.close_plan(plan=plan, by=by, now=clock.now(), **self.validated_body())
        return Response(closing_row(closings.visible_closing(new_closing, by)), status=201)

    @extend_schema(responses=ClosingDetailPayload)
    @action(detail=True, url_path="closings/(?P<number>[0-9]{1,9})", pagination_class=None, filterset_class=None)
    def closing(self, request: Request, code: str, number: str) -> Response:
        """Read a frozen scorecard as it was stored. `sha256` is the hash of the bytes of `content`."""
        stored = closings.get_closing(self.get_object(), int(number))
        snapshot = closings.visible_closing(stored, get_actor(request))
        body: ClosingDetailPayload = {**closing_row(snapshot), "content": snapshot.content}
        return Response(body)

    @extend_schema(parameters=[AS_OF], responses=ClosingComparisonPayload)
    @action(
        detail=True, url_path="closings/(?P<number>[0-9]{1,9})/comparison", pagination_class=None, filterset_class=None
    )
    def comparison(self, request: Request, code: str, number: str) -> Response:
        """Compare a frozen scorecard with a day: what differs, and every revision and amendment recorded since."""
        stored = closings.get_closing(self.get_object(), int(number))
        as_of, today = query_parameters.as_of_parameter(request), clock.today()
        return Response(closings.compare_closing(stored, by=get_actor(request), as_of=as_of, today=today))
