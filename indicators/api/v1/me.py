"""The caller's own API key."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.v1.keys import key_warnings
from indicators.models import ApiKey
from indicators.payloads import MePayload
from kpitracker.lib import clock
from kpitracker.lib.rest.renderers import iso_timestamp
from kpitracker.lib.rest.viewsets import ApiViewSet


class MeViewSet(ApiViewSet):
    write_scope = None

    @extend_schema(responses=MePayload)
    def retrieve(self, request: Request) -> Response:
        """Read the name, department and scopes of the key."""
        key = cast("ApiKey", request.auth)
        body: MePayload = {
            "department": key.department.code if key.department else None,
            "scopes": key.scopes,
            "prefix": key.prefix,
            "name": key.name,
            "rate": key.rate,
            "expires": iso_timestamp(key.expires_at),
            "addresses": key.addresses,
            "warnings": key_warnings(key, clock.now()),
        }
        return Response(body)
