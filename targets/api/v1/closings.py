"""Frozen scorecards, below the URL of their plan."""

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.v1.views import AS_OF
from kpitracker.lib import clock, parameters
from kpitracker.lib.actor import actor
from kpitracker.lib.rendering import timestamp
from kpitracker.lib.views import EditableViewSet
from targets.api.v1 import answers, serializers
from targets.models import Closing
from targets.services import closings
from targets.services.closings import Opened


def row(opened: Opened) -> dict[str, Any]:
    closing = opened.closing
    return {
        "plan": closing.plan.code,
        "number": closing.number,
        "as_of": closing.as_of.isoformat(),
        "recorded_by": timestamp(closing.recorded_by),
        "reason": closing.reason,
        "closed_by": closing.closed_by,
        "sha256": opened.digest,
        "whole": opened.whole,
    }


class ClosingRoutes(EditableViewSet):
    # Part of the view set of plans.

    @extend_schema(methods=["GET"], responses=answers.ClosingSerializer(many=True))
    @extend_schema(
        methods=["POST"], request=serializers.ClosingRequestSerializer, responses={201: answers.ClosingSerializer}
    )
    @action(
        detail=True,
        methods=["get", "post"],
        filterset_class=None,
        serializer_class=serializers.ClosingRequestSerializer,
        ordering="number",
        ordering_fields={"number": "number"},
        tie="number",
    )
    def closings(self, request: Request, code: str) -> HttpResponseBase:
        """Frozen scorecards. POST freezes one; from the last day of the plan on it also closes the plan's periods."""
        plan, by = self.get_row(self.get_queryset()), actor(request)
        if request.method == "GET":
            found = Closing.objects.visible_to(by).filter(plan=plan).select_related("plan")
            return self.listed(found, lambda page: [row(closings.opened(each, by)) for each in page])
        made = closings.close(plan=plan, by=by, now=clock.now(), **self.body())
        return Response(row(closings.opened(made, by)), status=201)

    @extend_schema(responses=answers.ClosedSerializer)
    @action(detail=True, url_path="closings/(?P<number>[0-9]{1,9})", pagination_class=None, filterset_class=None)
    def closing(self, request: Request, code: str, number: str) -> Response:
        """A frozen scorecard as it was stored. `sha256` is the hash of the bytes of `content`."""
        found = closings.of_plan(self.get_row(self.get_queryset()), int(number))
        opened = closings.opened(found, actor(request))
        return Response({**row(opened), "content": opened.content})

    @extend_schema(parameters=[AS_OF], responses=answers.ComparisonSerializer)
    @action(
        detail=True, url_path="closings/(?P<number>[0-9]{1,9})/comparison", pagination_class=None, filterset_class=None
    )
    def comparison(self, request: Request, code: str, number: str) -> Response:
        """What differs as of a day, and every revision and amendment recorded since the closing."""
        found = closings.of_plan(self.get_row(self.get_queryset()), int(number))
        as_of, today = parameters.as_of(request), clock.today()
        return Response(closings.compare(found, by=actor(request), as_of=as_of, today=today))
