"""The audit log: which actor did what to which object. For administrators of the service."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.models import Department
from kpitracker.lib.actor import Scope, actor
from kpitracker.lib.audit.models import VERBS
from kpitracker.lib.errors import Missing
from kpitracker.lib.exports import Export
from kpitracker.lib.filters import ChoiceFilter, ChoiceInFilter, FilterSet, MomentFilter
from kpitracker.lib.models import AuditEntry
from kpitracker.lib.rendering import timestamp
from kpitracker.lib.serializers import StrictSerializer
from kpitracker.lib.views import ListMixin


class AuditFilters(FilterSet):
    actor = django_filters.CharFilter()
    verb = ChoiceFilter(VERBS)
    verb__in = ChoiceInFilter(VERBS, field_name="verb")
    kind = django_filters.CharFilter()
    object = django_filters.CharFilter(field_name="label")
    request_id = django_filters.CharFilter()
    at__gte = MomentFilter(field_name="at", lookup_expr="gte", label="at__gte")
    at__lte = MomentFilter(field_name="at", lookup_expr="lte", label="at__lte")

    class Meta:
        model = AuditEntry
        fields: list[str] = []


class AuditSerializer(StrictSerializer):
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


class AuditViewSet(ListMixin):
    """A department sees the entries of its own subtree; a key of the whole organisation sees all."""

    queryset = AuditEntry.objects.all()
    serializer_class = AuditSerializer
    filterset_class = AuditFilters
    exports = {"list": Export(AuditSerializer, "audit")}
    read_scopes = (Scope.READ, Scope.ADMIN)
    ordering, ordering_fields = "at", {"at": "pk"}
    lookup_value_regex = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

    def get_queryset(self) -> QuerySet[Any]:
        by = actor(self.request)
        entries = AuditEntry.objects.all()
        return (
            entries
            if by.department is None
            else entries.filter(department__in=Department.objects.family(by.department))
        )

    def rows(self, page: Any) -> Any:
        codes = dict(Department.objects.filter(pk__in={e.department for e in page}).values_list("pk", "code"))
        return [row(entry, codes) for entry in page]

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        try:
            entry = self.get_queryset().get(pk=kwargs["pk"])
        except (AuditEntry.DoesNotExist, ValidationError) as error:
            raise Missing() from error
        return Response(self.rows([entry])[0])


def row(entry: AuditEntry, codes: dict[int, str]) -> dict[str, Any]:
    return {
        "id": str(entry.pk),
        "at": timestamp(entry.at),
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
