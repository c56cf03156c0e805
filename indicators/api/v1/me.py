"""The caller's own API key."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.v1.keys import key_warnings
from indicators.api.v1.serializers import WarningSerializer
from indicators.models import ApiKey
from kpitracker.lib import clock
from kpitracker.lib.rest.renderers import iso_timestamp
from kpitracker.lib.rest.viewsets import ApiViewSet


class MeSerializer(serializers.Serializer):  # type: ignore[type-arg]
    department = serializers.CharField(allow_null=True, help_text="Null: the whole organisation.")
    scopes = serializers.ListField(child=serializers.CharField())
    prefix = serializers.CharField()
    name = serializers.CharField()
    rate = serializers.IntegerField(help_text="Requests a minute; 0: no limit.")
    expires = serializers.DateTimeField(allow_null=True)
    addresses = serializers.ListField(child=serializers.CharField(), help_text="Where it may be used; empty: anywhere.")
    warnings = WarningSerializer(many=True, help_text="What the owner of the key should check.")


class MeViewSet(ApiViewSet):
    serializer_class = MeSerializer
    write_scope = None

    @extend_schema(responses=MeSerializer)
    def retrieve(self, request: Request) -> Response:
        key = cast("ApiKey", request.auth)
        return Response(
            {
                "department": key.department.code if key.department else None,
                "scopes": key.scopes,
                "prefix": key.prefix,
                "name": key.name,
                "rate": key.rate,
                "expires": iso_timestamp(key.expires_at),
                "addresses": key.addresses,
                "warnings": key_warnings(key, clock.now()),
            }
        )
