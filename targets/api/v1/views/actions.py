"""Corrective actions."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, get_actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.json_types import FieldValues
from kpitracker.lib.rest import etags
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.viewsets import EditableViewSet
from targets.api.v1 import filters
from targets.api.v1.schemas import representation, serializers
from targets.api.v1.tag_rules import ACTIONS
from targets.models import Action
from targets.payloads.targets import ActionDetailPayload
from targets.services.planning import actions


@extend_schema_view(
    list=extend_schema(responses=list[ActionDetailPayload]),
    retrieve=extend_schema(responses=ActionDetailPayload),
    create=extend_schema(responses={201: ActionDetailPayload}),
    partial_update=extend_schema(responses=ActionDetailPayload),
)
class ActionViewSet(EditableViewSet):
    """Corrective actions. They are never deleted; an action that is given up is cancelled."""

    http_method_names = ["get", "post", "patch", "head", "options"]
    queryset = Action.objects.for_list()
    tag_rules = ACTIONS
    serializer_class = serializers.TargetActionSerializer
    filterset_class = filters.ActionFilters
    exports = {"list": Export(ActionDetailPayload, "actions", leading_columns=("target", "text"))}
    # Reporting progress needs fewer rights than creating an action; the service distinguishes the two.
    write_scopes = (Scope.PLANS_WRITE, Scope.ALERTS_WRITE)
    ordering, ordering_columns = "due_day", {"due_day": "due_day", "created_at": "pk"}
    lookup_field = tie_breaker = "pk"
    lookup_value_regex = "[0-9a-f-]{36}"

    def get_row(self, queryset: QuerySet[Action]) -> Action:
        try:
            row: Action = super().get_row(queryset)
        except ValidationError as error:  # not a valid id
            raise NotFound() from error
        return row

    def rows(self, page: Sequence[Action]) -> Sequence[Mapping[str, object]]:
        return representation.action_rows(page)

    def object_response(self, row: Action, status: int = 200) -> Response:
        body = representation.action_row(row, clock.today())
        etag = etags.etag_for(row, "late" if body["overdue"] else "")
        return Response(body, status=status, headers={"ETag": etag})

    def create_row(self, data: FieldValues) -> models.Model:
        return actions.create_action(by=get_actor(self.request), now=clock.now(), **data)

    def update_row(self, row: Action, data: FieldValues) -> models.Model:
        return actions.update_action(action=row, by=get_actor(self.request), now=clock.now(), **data)

    def partial_update(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Change an action. The responsible department may change `state`, `closed_day` and `outcome` only."""
        return super().partial_update(request, *args, **kwargs)
