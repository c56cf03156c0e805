"""Silences: times without reminders."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, get_actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.renderers import iso_timestamp
from kpitracker.lib.rest.serializers import CodeReferenceField, StrictDateTimeField, StrictSerializer, StrictTextField
from kpitracker.lib.rest.viewsets import ListViewSet
from targets.api.v1 import filters
from targets.models import Silence
from targets.payloads.alerts import SilencePayload
from targets.services.alerting import silences


class SilenceSerializer(StrictSerializer):
    """Applies to alerts that fit all of its matchers. Null or empty fits any; at least one matcher must be set."""

    rule = CodeReferenceField(default=None, allow_null=True)
    target = StrictTextField(default=None, allow_null=True, one_line=True, max_length=260)
    plan = CodeReferenceField(default=None, allow_null=True)
    section = StrictTextField(max_length=100, one_line=True, allow_blank=True, default="")
    department = CodeReferenceField(default=None, allow_null=True, help_text="Including all departments below it.")
    indicator = CodeReferenceField(default=None, allow_null=True)
    area = CodeReferenceField(default=None, allow_null=True)
    starts_at = StrictDateTimeField(default=None, allow_null=True, help_text="If omitted: now.")
    ends_at = StrictDateTimeField()
    reason = StrictTextField()


def silence_row(silence: Silence) -> SilencePayload:
    def code(name: str) -> str | None:
        related = getattr(silence, name)
        return related.code if related else None

    return {
        "id": str(silence.pk),
        "rule": code("rule"),
        "target": silence.target.identifier if silence.target else None,
        "plan": code("plan"),
        "section": silence.section,
        "department": code("department"),
        "indicator": code("indicator"),
        "area": code("area"),
        "starts_at": iso_timestamp(silence.starts_at),
        "ends_at": iso_timestamp(silence.ends_at),
        "author": silence.author,
        "reason": silence.reason,
    }


@extend_schema_view(
    list=extend_schema(responses=list[SilencePayload]), retrieve=extend_schema(responses=SilencePayload)
)
class SilenceViewSet(ListViewSet):
    """No reminders and no escalation for a while. Closing messages are sent."""

    queryset = Silence.objects.select_related("rule", "target", "plan", "department", "indicator", "area")
    serializer_class = SilenceSerializer
    filterset_class = filters.SilenceFilters
    exports = {"list": Export(SilencePayload, "silences")}
    write_scope = Scope.ALERTS_WRITE
    ordering, ordering_columns = "-ends_at", {"ends_at": "ends_at", "created_at": "pk"}
    lookup_value_regex = "[0-9a-f-]{36}"

    def rows(self, page: Sequence[Silence]) -> Sequence[Mapping[str, object]]:
        return [silence_row(silence) for silence in page]

    def retrieve(self, request: Request, *args: object, **kwargs: object) -> Response:
        return Response(silence_row(self._get_silence()))

    @extend_schema(responses={201: SilencePayload})
    def create(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Create a silence. A department must name a target or plan of its own, or itself; the whole organisation, anything."""
        silence = silences.create_silence(by=get_actor(request), now=clock.now(), **self.validated_body())
        return Response(silence_row(silence), status=201)

    def destroy(self, request: Request, *args: object, **kwargs: object) -> Response:
        """End a silence now."""
        silences.end_silence(silence=self._get_silence(), by=get_actor(request), now=clock.now())
        return Response(status=204)

    def _get_silence(self) -> Silence:
        try:
            silence: Silence = self.get_queryset().get(pk=self.kwargs["pk"])
        except (Silence.DoesNotExist, ValidationError) as error:
            raise NotFound() from error
        return silence
