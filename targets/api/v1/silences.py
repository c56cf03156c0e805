"""Silences: times without reminders."""

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.v1.fields import LinkField, MomentField
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, actor
from kpitracker.lib.errors import Missing
from kpitracker.lib.exports import Export
from kpitracker.lib.rendering import timestamp
from kpitracker.lib.serializers import StrictSerializer, TextField
from kpitracker.lib.views import ListMixin
from targets.api.v1 import filters
from targets.models import Silence
from targets.services import silences


class SilenceAboutSerializer(StrictSerializer):
    """Applies to alerts that fit all of its matchers. Null or empty fits any; at least one matcher must be set."""

    id = serializers.CharField(read_only=True)
    rule = LinkField(default=None, allow_null=True)
    target = TextField(default=None, allow_null=True, one_line=True, max_length=260)
    plan = LinkField(default=None, allow_null=True)
    section = TextField(max_length=100, one_line=True, allow_blank=True, default="")
    department = LinkField(default=None, allow_null=True, help_text="Including all departments below it.")
    indicator = LinkField(default=None, allow_null=True)
    area = LinkField(default=None, allow_null=True)
    starts_at = MomentField(default=None, allow_null=True, help_text="If omitted: now.")
    ends_at = MomentField()
    author = serializers.CharField(read_only=True)
    reason = TextField()


def silence_row(silence: Silence) -> dict[str, Any]:
    def code(name: str) -> str | None:
        found = getattr(silence, name)
        return found.code if found else None

    return {
        "id": str(silence.pk),
        "rule": code("rule"),
        "target": silence.target.identifier if silence.target else None,
        "plan": code("plan"),
        "section": silence.section,
        "department": code("department"),
        "indicator": code("indicator"),
        "area": code("area"),
        "starts_at": timestamp(silence.starts_at),
        "ends_at": timestamp(silence.ends_at),
        "author": silence.author,
        "reason": silence.reason,
    }


class SilenceViewSet(ListMixin):
    """No reminders and no escalation for a while. Closing messages are sent."""

    queryset = Silence.objects.select_related("rule", "target", "plan", "department", "indicator", "area")
    serializer_class = SilenceAboutSerializer
    filterset_class = filters.SilenceFilters
    exports = {"list": Export(SilenceAboutSerializer, "silences")}
    write_scope = Scope.ALERTS_WRITE
    ordering, ordering_fields = "-ends_at", {"ends_at": "ends_at", "created_at": "pk"}
    lookup_value_regex = "[0-9a-f-]{36}"

    def rows(self, page: Any) -> Any:
        return [silence_row(each) for each in page]

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(silence_row(self._silence()))

    @extend_schema(responses={201: SilenceAboutSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A department must name a target or plan of its own, or itself. The whole organisation may name anything."""
        made = silences.create(by=actor(request), now=clock.now(), **self.body())
        return Response(silence_row(made), status=201)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """End the silence now."""
        silences.end(silence=self._silence(), by=actor(request), now=clock.now())
        return Response(status=204)

    def _silence(self) -> Silence:
        try:
            found: Silence = self.get_queryset().get(pk=self.kwargs["pk"])
        except (Silence.DoesNotExist, ValidationError) as error:
            raise Missing() from error
        return found
