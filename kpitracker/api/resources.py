"""The root of the API: the addresses where a caller can start."""

from functools import cache

from drf_spectacular.generators import EndpointEnumerator
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kpitracker.lib.rest.viewsets import ApiViewSet

ROOT_PATH = "/api/v1/"


@cache
def _readable_paths() -> list[str]:
    """Every path of version 1 that answers GET and needs no code or id, in alphabetical order."""
    endpoints = EndpointEnumerator().get_api_endpoints()  # type: ignore[no-untyped-call]
    paths = {path for path, _, method, _ in endpoints if method == "GET" and "{" not in path}
    return sorted(paths - {ROOT_PATH})


class ResourcesViewSet(ApiViewSet):
    # Every valid key may read it: it says only what the OpenAPI document says to anyone.
    read_scopes = ()

    @extend_schema(operation_id="resources_retrieve", responses=dict[str, str])
    def retrieve(self, request: Request) -> Response:
        """List the resources of the API: the name and the URL of each."""
        return Response(
            {path.removeprefix(ROOT_PATH).rstrip("/"): request.build_absolute_uri(path) for path in _readable_paths()}
        )
