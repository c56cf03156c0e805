"""API keys: issue, list, rotate, revoke. The secret is shown once."""

from datetime import datetime, timedelta
from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.v1.fields import LinkField, MomentField
from indicators.api.v1.serializers import WarningSerializer
from indicators.models import ApiKey, Department
from indicators.services import keys
from indicators.services.keys import Issued
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, actor
from kpitracker.lib.errors import Missing
from kpitracker.lib.exports import Export
from kpitracker.lib.rendering import timestamp
from kpitracker.lib.serializers import ChoiceField, ListField, StrictSerializer, TextField, WholeNumberField
from kpitracker.lib.slugs import WARNINGS
from kpitracker.lib.views import ListMixin


def key_warnings(key: ApiKey, now: datetime) -> list[dict[str, str]]:
    return [{"slug": slug, "detail": WARNINGS[slug]} for slug in keys.worries(key, now)]


class KeySerializer(StrictSerializer):
    prefix = serializers.CharField(read_only=True)
    name = TextField(max_length=200, one_line=True, allow_blank=True, default="")
    department = LinkField(default=None, allow_null=True, help_text="Null: the whole organisation.")
    scopes = ListField(child=ChoiceField(Scope), max_length=6)
    rate = WholeNumberField(min_value=0, max_value=1_000_000, default=600, help_text="Requests a minute; 0: no limit.")
    expires = MomentField(default=None, allow_null=True, source="expires_at", help_text="Left out: in a year.")
    addresses = ListField(
        child=TextField(max_length=50, one_line=True), max_length=50, default=list, help_text="Empty: anywhere."
    )
    created_at = serializers.DateTimeField(read_only=True)
    last_used_at = serializers.DateTimeField(read_only=True, allow_null=True)
    revoked_at = serializers.DateTimeField(read_only=True, allow_null=True)
    exposed_at = serializers.DateTimeField(read_only=True, allow_null=True)
    replaces = serializers.CharField(read_only=True, allow_null=True, help_text="Prefix of the key before this one.")
    warnings = WarningSerializer(many=True, read_only=True)


class IssuedSerializer(KeySerializer):
    secret = serializers.CharField(
        read_only=True, allow_null=True, help_text="The whole key, shown now and never again, not even to a retry."
    )


class RotationSerializer(StrictSerializer):
    overlap_hours = WholeNumberField(
        min_value=0, max_value=2160, default=168, help_text="For how many hours the present key stays valid."
    )


class KeyViewSet(ListMixin):
    """A key is issued, replaced or revoked; it is never edited."""

    queryset = ApiKey.objects.select_related("department", "replaces")
    serializer_class = KeySerializer
    filterset_class = None
    exports = {"list": Export(KeySerializer, "keys")}
    lookup_field = tie = "prefix"
    read_scopes = (Scope.READ, Scope.ADMIN)
    write_scope = Scope.ADMIN
    shown_once = frozenset({"secret"})
    ordering, ordering_fields = "created_at", {"created_at": "created_at", "prefix": "prefix"}

    def rows(self, page: Any) -> Any:
        return [row(key) for key in page]

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(row(self.found()))

    @extend_schema(responses={201: IssuedSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Issue a key. It cannot have more rights than the issuing key."""
        values = self.body()
        department = Department.objects.by_code_or_none(values.pop("department"), "/department")
        return issued(
            keys.issue(by=actor(request), now=clock.now(), department=department, within=key_of(request), **values)
        )

    @extend_schema(request=RotationSerializer, responses={201: IssuedSerializer})
    @action(detail=True, methods=["post"], serializer_class=RotationSerializer)
    def rotate(self, request: Request, prefix: str) -> Response:
        """Replace a key by a second one with the same rights. The present key stays valid for the overlap."""
        overlap = timedelta(hours=self.body()["overlap_hours"])
        fresh = keys.rotate(
            key=self.found(), by=actor(request), now=clock.now(), overlap=overlap, within=key_of(request)
        )
        return issued(fresh)

    @extend_schema(request=None, responses=KeySerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, prefix: str) -> Response:
        """Revoke a key at once. Revoking it again changes nothing."""
        keys.revoke(key=self.found(), by=actor(request), now=clock.now())
        return Response(row(self.found()))

    def found(self) -> ApiKey:
        try:
            found: ApiKey = self.get_queryset().get(prefix=self.kwargs["prefix"])
        except ApiKey.DoesNotExist as error:
            raise Missing() from error
        return found


def key_of(request: Request) -> ApiKey:
    """The key that authenticated the request."""
    return cast("ApiKey", request.auth)


def row(key: ApiKey) -> dict[str, Any]:
    return {
        "prefix": key.prefix,
        "name": key.name,
        "department": key.department.code if key.department else None,
        "scopes": key.scopes,
        "rate": key.rate,
        "expires": timestamp(key.expires_at),
        "addresses": key.addresses,
        "created_at": timestamp(key.created_at),
        "last_used_at": timestamp(key.last_used_at),
        "revoked_at": timestamp(key.revoked_at),
        "exposed_at": timestamp(key.exposed_at),
        "replaces": key.replaces.prefix if key.replaces else None,
        "warnings": key_warnings(key, clock.now()),
    }


def issued(fresh: Issued) -> Response:
    return Response({**row(fresh.key), "secret": fresh.secret}, status=201)
