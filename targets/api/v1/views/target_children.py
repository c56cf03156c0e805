"""Judgements and actions of a target, below its URL."""

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kpitracker.lib import clock
from kpitracker.lib.actor import get_actor
from kpitracker.lib.rest import etags
from kpitracker.lib.rest.viewsets import EditableViewSet
from targets.api.v1.schemas import representation, serializers
from targets.models import Action, Judgement
from targets.payloads.targets import ActionDetailPayload
from targets.services.planning import actions, judgements


class TargetChildActions(EditableViewSet):
    def child_rows(self, model: Any) -> Any:
        """The rows of the requested target that the caller may see."""
        target = self.get_object()
        return model.objects.visible_to(get_actor(self.request)).filter(target=target).select_related("target")

    @extend_schema(
        methods=["GET"],
        responses=serializers.JudgementSerializer(many=True),
        description="List the judgements of a target without a number.",
    )
    @extend_schema(
        methods=["POST"], request=serializers.JudgementSerializer, responses={201: serializers.JudgementSerializer}
    )
    @action(
        detail=True,
        methods=["get", "post"],
        url_path="judgements",
        filterset_class=None,
        serializer_class=serializers.JudgementSerializer,
        ordering="day",
        ordering_columns={"day": "day", "recorded_at": "pk"},
        tie_breaker="pk",
    )
    def judgements(self, request: Request, identifier: str) -> HttpResponseBase:
        """Judge a target without a number, with a reason."""
        if request.method == "GET":
            return self.list_response(self.child_rows(Judgement), self.serialize_page)
        row = judgements.record_judgement(
            target=self.get_object(), by=get_actor(request), now=clock.now(), **self.validated_body()
        )
        return Response(self.get_serializer(row).data, status=201)

    @extend_schema(
        methods=["GET"], responses=list[ActionDetailPayload], description="List the corrective actions about a target."
    )
    @extend_schema(methods=["POST"], request=serializers.ActionSerializer, responses={201: ActionDetailPayload})
    @action(
        detail=True,
        methods=["get", "post"],
        url_path="actions",
        filterset_class=None,
        serializer_class=serializers.ActionSerializer,
        ordering="due_day",
        ordering_columns={"due_day": "due_day", "created_at": "pk"},
        tie_breaker="pk",
    )
    def actions(self, request: Request, identifier: str) -> HttpResponseBase:
        """Create a corrective action about a target."""
        if request.method == "GET":
            actions_of_target = self.child_rows(Action).select_related("target__plan", "department")
            return self.list_response(actions_of_target, representation.action_rows)
        row = actions.create_action(
            target=self.get_object(), by=get_actor(request), now=clock.now(), **self.validated_body()
        )
        body = representation.action_row(row, clock.today())
        return Response(body, status=201, headers={"ETag": etags.etag_for(row)})

    def serialize_page(self, page: Any) -> Any:
        return self.get_serializer(page, many=True).data
