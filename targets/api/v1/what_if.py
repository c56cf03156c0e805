"""What-if questions: hypothetical figures and terms. They are POST requests because they have a body; they need the
scope `read` and write nothing.
"""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, actor
from kpitracker.lib.errors import Missing
from kpitracker.lib.views import ApiViewSet
from targets.api.v1 import answers, representation, serializers
from targets.models import Plan, Target
from targets.services import what_if
from targets.services.what_if import Supposed


class WhatIf(ApiViewSet):
    write_scope = Scope.READ

    def asked_of(self) -> Any:
        found = self.get_queryset().filter(**{self.lookup_field: self.kwargs[self.lookup_field]}).first()
        if found is None:
            raise Missing()
        return found

    def asked(self) -> dict[str, Any]:
        given = self.body()
        today = clock.today()
        given["figures"] = [Supposed(**each) for each in given["figures"]]
        return given | {"as_of": given["as_of"] or today, "today": today, "by": actor(self.request)}


class TargetWhatIfViewSet(WhatIf):
    queryset = Target.objects.shown()
    lookup_field = "identifier"
    serializer_class = serializers.TargetWhatIfSerializer

    @extend_schema(request=serializers.TargetWhatIfSerializer, responses={200: answers.TargetWhatIfSerializer})
    def create(self, request: Request, identifier: str) -> Response:
        """The present assessment of the target, and the one that it would have. Nothing is stored."""
        (before,), (after,) = what_if.of_target(target=self.asked_of(), **self.asked())
        return Response({"before": representation.status(before), "after": representation.status(after)})


class PlanWhatIfViewSet(WhatIf):
    queryset = Plan.objects.select_related("area", "department")
    lookup_field = "code"
    serializer_class = serializers.PlanWhatIfSerializer

    @extend_schema(request=serializers.PlanWhatIfSerializer, responses={200: answers.PlanWhatIfSerializer})
    def create(self, request: Request, code: str) -> Response:
        """The scorecard that the plan would have, and what would change. Nothing is stored."""
        card = what_if.of_plan(plan=self.asked_of(), **self.asked())
        card["targets"] = [representation.labelled(row) for row in card["targets"]]
        return Response({"plan": code, **card})
