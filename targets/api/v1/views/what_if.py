"""What-if questions: hypothetical figures and terms. They are POST requests because they have a body; they need the
scope `read` and write nothing.
"""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, get_actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.json_types import FieldValues
from kpitracker.lib.rest.viewsets import ApiViewSet
from targets.api.v1.schemas import representation, serializers
from targets.models import Plan, Target
from targets.payloads.scorecards import PlanWhatIfPayload, TargetWhatIfPayload
from targets.services.reports import what_if
from targets.services.reports.what_if import HypotheticalFigure


class WhatIfViewSet(ApiViewSet):
    write_scope = Scope.READ

    def get_subject(self) -> Any:
        subject = self.get_queryset().filter(**{self.lookup_field: self.kwargs[self.lookup_field]}).first()
        if subject is None:
            raise NotFound()
        return subject

    def scenario(self) -> FieldValues:
        arguments = self.validated_body()
        today = clock.today()
        arguments["figures"] = [HypotheticalFigure(**figure) for figure in arguments["figures"]]
        return arguments | {"as_of": arguments["as_of"] or today, "today": today, "by": get_actor(self.request)}


class TargetWhatIfViewSet(WhatIfViewSet):
    queryset = Target.objects.for_list()
    lookup_field = "identifier"
    serializer_class = serializers.TargetScenarioSerializer

    @extend_schema(request=serializers.TargetScenarioSerializer, responses={200: TargetWhatIfPayload})
    def create(self, request: Request, identifier: str) -> Response:
        """Assess a target with hypothetical figures and terms: as it is, and as it would be. Nothing is stored."""
        (before,), (after,) = what_if.simulate_target(target=self.get_subject(), **self.scenario())
        body: TargetWhatIfPayload = {
            "before": representation.status_detail(before),
            "after": representation.status_detail(after),
        }
        return Response(body)


class PlanWhatIfViewSet(WhatIfViewSet):
    queryset = Plan.objects.select_related("area", "department")
    lookup_field = "code"
    serializer_class = serializers.PlanScenarioSerializer

    @extend_schema(request=serializers.PlanScenarioSerializer, responses={200: PlanWhatIfPayload})
    def create(self, request: Request, code: str) -> Response:
        """Compute the scorecard that a plan would have, and what would change. Nothing is stored."""
        scorecard = what_if.simulate_plan(plan=self.get_subject(), **self.scenario())
        rows = [representation.with_label(row) for row in scorecard["targets"]]
        body: PlanWhatIfPayload = {**scorecard, "plan": code, "targets": rows}
        return Response(body)
