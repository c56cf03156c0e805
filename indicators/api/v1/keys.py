"""API keys: issue, list, rotate, revoke. The secret is shown once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.models import ApiKey, Department
from indicators.payloads import ApiKeyPayload, IssuedKeyPayload, WarningPayload
from indicators.services.access import api_keys
from indicators.services.access.api_keys import IssuedKey
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope, get_actor
from kpitracker.lib.errors import NotFound
from kpitracker.lib.problem_types import WARNINGS
from kpitracker.lib.rest.exports import Export
from kpitracker.lib.rest.renderers import iso_timestamp
from kpitracker.lib.rest.serializers import (
    CodeReferenceField,
    KeyRotationSerializer,
    StrictChoiceField,
    StrictDateTimeField,
    StrictIntegerField,
    StrictListField,
    StrictSerializer,
    StrictTextField,
)
from kpitracker.lib.rest.viewsets import ListViewSet


def key_warnings(key: ApiKey, now: datetime) -> list[WarningPayload]:
    return [{"slug": slug, "detail": str(WARNINGS[slug])} for slug in api_keys.key_warnings(key, now)]


class ApiKeySerializer(StrictSerializer):
    name = StrictTextField(max_length=200, one_line=True, allow_blank=True, default="")
    department = CodeReferenceField(default=None, allow_null=True, help_text="Null: the whole organisation.")
    scopes = StrictListField(child=StrictChoiceField(Scope), max_length=6)
    rate = StrictIntegerField(
        min_value=0, max_value=1_000_000, default=600, help_text="Requests a minute; 0: no limit."
    )
    expires = StrictDateTimeField(default=None, allow_null=True, source="expires_at", help_text="Left out: in a year.")
    addresses = StrictListField(
        child=StrictTextField(max_length=50, one_line=True), max_length=50, default=list, help_text="Empty: anywhere."
    )


@extend_schema_view(list=extend_schema(responses=list[ApiKeyPayload]), retrieve=extend_schema(responses=ApiKeyPayload))
class ApiKeyViewSet(ListViewSet):
    """A key is issued, replaced or revoked; it is never edited."""

    queryset = ApiKey.objects.select_related("department", "replaces")
    serializer_class = ApiKeySerializer
    filterset_class = None
    exports = {"list": Export(ApiKeyPayload, "keys")}
    lookup_field = tie_breaker = "prefix"
    read_scopes = (Scope.READ, Scope.ADMIN)
    write_scope = Scope.ADMIN
    secret_fields = frozenset({"secret"})
    ordering, ordering_columns = "created_at", {"created_at": "created_at", "prefix": "prefix"}

    def rows(self, page: Sequence[ApiKey]) -> Sequence[Mapping[str, object]]:
        return [key_row(key) for key in page]

    def retrieve(self, request: Request, *args: object, **kwargs: object) -> Response:
        return Response(key_row(self.get_key()))

    @extend_schema(responses={201: IssuedKeyPayload})
    def create(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Issue a key. It cannot have more rights than the issuing key."""
        values = self.validated_body()
        department = Department.objects.by_code_or_none(values.pop("department"), "/department")
        return issued_response(
            api_keys.issue_key(
                by=get_actor(request),
                now=clock.now(),
                department=department,
                issuing_key=requesting_key(request),
                **values,
            )
        )

    @extend_schema(request=KeyRotationSerializer, responses={201: IssuedKeyPayload})
    @action(detail=True, methods=["post"], serializer_class=KeyRotationSerializer)
    def rotate(self, request: Request, prefix: str) -> Response:
        """Replace a key by a second one with the same rights. The present key stays valid for the overlap."""
        overlap = timedelta(hours=self.validated_body()["overlap_hours"])
        issued_key = api_keys.rotate_key(
            key=self.get_key(),
            by=get_actor(request),
            now=clock.now(),
            overlap=overlap,
            issuing_key=requesting_key(request),
        )
        return issued_response(issued_key)

    @extend_schema(request=None, responses=ApiKeyPayload)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, prefix: str) -> Response:
        """Revoke a key at once. Revoking it again changes nothing."""
        api_keys.revoke_key(key=self.get_key(), by=get_actor(request), now=clock.now())
        return Response(key_row(self.get_key()))

    def get_key(self) -> ApiKey:
        try:
            key: ApiKey = self.get_queryset().get(prefix=self.kwargs["prefix"])
        except ApiKey.DoesNotExist as error:
            raise NotFound() from error
        return key


def requesting_key(request: Request) -> ApiKey:
    """The key that authenticated the request."""
    return cast("ApiKey", request.auth)


def key_row(key: ApiKey) -> ApiKeyPayload:
    return {
        "prefix": key.prefix,
        "name": key.name,
        "department": key.department.code if key.department else None,
        "scopes": key.scopes,
        "rate": key.rate,
        "expires": iso_timestamp(key.expires_at),
        "addresses": key.addresses,
        "created_at": iso_timestamp(key.created_at),
        "last_used_at": iso_timestamp(key.last_used_at),
        "revoked_at": iso_timestamp(key.revoked_at),
        "exposed_at": iso_timestamp(key.exposed_at),
        "replaces": key.replaces.prefix if key.replaces else None,
        "warnings": key_warnings(key, clock.now()),
    }


def issued_response(issued_key: IssuedKey) -> Response:
    body: IssuedKeyPayload = {**key_row(issued_key.key), "secret": issued_key.secret}
    return Response(body, status=201)
