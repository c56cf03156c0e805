"""Compresses pages, and in development their static files. Answers of the API keep their strong ETags and their length."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

_TYPES = frozenset({"text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml"})


class PageCompressionMiddleware(GZipMiddleware):
    """gzip for texts of pages. Files that the server keeps compressed (in production) go out as they are.

    The random bytes that Django adds to each answer hide the length of secrets in it.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        media_type = response.get("Content-Type", "").partition(";")[0]
        if media_type not in _TYPES:
            return response
        return super().process_response(request, response)
