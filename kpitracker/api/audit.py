"""The audit log: which actor did what to which object. For administrators of the service."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.models import Department
from indicators.services.access.audit_entries import entries_visible_to
from kpitracker.lib.actor import Scope, get_actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.models import AuditEntry
from kpitracker.lib.models.audit import VERBS
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.filters import (
    ChoiceFilter,
    ChoiceInFilter,
    DateTimeFilter,
    FilterSet,
    TextFilter,
)
from kpitracker.lib.rest.renderers import iso_timestamp
from kpitracker.lib.rest.serializers import StrictSerializer
from kpitracker.lib.rest.viewsets import ListViewSet


class AuditFilters(FilterSet):
    actor = TextFilter()
    verb = ChoiceFilter(VERBS)
    verb__in = ChoiceInFilter(VERBS, field_name="verb")
    kind = TextFilter()
    object = TextFilter(field_name="label")
    request_id = TextFilter()
    at__gte = DateTimeFilter(field_name="at", lookup_expr="gte")
    at__lte = DateTimeFilter(field_name="at", lookup_expr="lte")

    class Meta:
        model = AuditEntry
        fields: list[str] = []


class AuditEntrySerializer(StrictSerializer):
    id = serializers.CharField(read_only=True)
    at = serializers.DateTimeField(read_only=True)
    actor = serializers.CharField(read_only=True, help_text="An API key, an admin user, a command or a job.")
    department = serializers.CharField(read_only=True, allow_null=True, help_text="Null: the whole organisation.")
    address = serializers.CharField(read_only=True, help_text="Where the request came from.")
    request_id = serializers.CharField(read_only=True)
    verb = serializers.ChoiceField(choices=list(VERBS), read_only=True)
    kind = serializers.CharField(read_only=True, help_text="The type of the object, such as indicators.area.")
    object = serializers.CharField(read_only=True, help_text="The code or id of the object.")
    before = serializers.DictField(read_only=True, help_text="The changed fields with their old values.")
    after = serializers.DictField(read_only=True, help_text="The changed fields with their new values.")


class AuditViewSet(ListViewSet):
    """A department sees the entries of its own subtree; a key of the whole organisation sees all."""

    queryset = AuditEntry.objects.all()
    serializer_class = AuditEntrySerializer
    filterset_class = AuditFilters
    exports = {"list": Export(AuditEntrySerializer, "audit")}
    read_scopes = (Scope.READ, Scope.ADMIN)
    ordering, ordering_columns = "at", {"at": "pk"}
    lookup_value_regex = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

    def get_queryset(self) -> QuerySet[Any]:
        return entries_visible_to(get_actor(self.request))

    def list(self, request: Request, *args: object, **kwargs: object) -> HttpResponseBase:
        """List the entries of the audit log."""
        return super().list(request, *args, **kwargs)

    def rows(self, page: Any) -> Any:
        codes = dict(Department.objects.filter(pk__in={entry.department for entry in page}).values_list("pk", "code"))
        return [serialize_entry(entry, codes) for entry in page]

    def retrieve(self, request: Request, *args: object, **kwargs: object) -> Response:
        try:
            entry = self.get_queryset().get(pk=kwargs["pk"])
        except (AuditEntry.DoesNotExist, ValidationError) as error:
            raise NotFound() from error
        return Response(self.rows([entry])[0])


def serialize_entry(entry: AuditEntry, codes: dict[int, str]) -> dict[str, Any]:
    return {
        "id": str(entry.pk),
        "at": iso_timestamp(entry.at),
        "actor": entry.actor,
        "department": codes.get(entry.department or 0),
        "address": entry.address,
        "request_id": entry.request_id,
        "verb": entry.verb,
        "kind": entry.kind,
        "object": entry.label,
        "before": entry.before,
        "after": entry.after,
    }
