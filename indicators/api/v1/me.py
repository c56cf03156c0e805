"""The caller's own API key."""

from collections.abc import Sequence
from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from indicators.api.v1.keys import key_warnings
from indicators.api.v1.tag_rules import ME
from indicators.models import ApiKey
from indicators.payloads import MePayload
from indicators.services.access import api_keys
from kpitracker.lib import clock
from kpitracker.lib.rest.renderers import iso_timestamp
from kpitracker.lib.rest.viewsets import ApiViewSet


class MeViewSet(ApiViewSet):
    tag_rules = ME
    write_scope = None

    def tag_facts(self) -> Sequence[object]:
        key = cast("ApiKey", self.request.auth)
        warnings = api_keys.key_warnings(key, clock.now())
        return (key.prefix, key.name, key.scopes, key.rate, key.expires_at, key.addresses, warnings)

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
