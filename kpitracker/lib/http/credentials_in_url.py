"""Requests that the API refuses before authentication: keys in URLs, and plain http."""

from collections.abc import Callable, Iterator
from urllib.parse import unquote, unquote_plus

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from kpitracker.lib.api_key_pattern import TOKEN
from kpitracker.lib.http.trailing_slash import is_api_request
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest.problems import problem_response
from kpitracker.lib.signals import credential_exposed


class CredentialInUrlMiddleware:
    """Refuses keys in URLs, and plain http where https is required. It never redirects: the client would send the key
    and the figure a second time.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_api_request(request):
            return self.get_response(request)
        if exposed := sorted(set(find_tokens(request))):
            for token in exposed:
                credential_exposed.send_robust(sender=type(self), token=token)
            return problem_response(request, "credential-in-url", KEY_EXPOSED)
        if settings.HTTPS_REQUIRED and not request.is_secure():
            return problem_response(request, "https-required", status=403)
        return self.get_response(request)


KEY_EXPOSED = text(
    "Send the key in the header Authorization only. Replace this key: addresses are logged on their way.",
    "Chỉ gửi khóa trong tiêu đề Authorization. Hãy thay khóa này: địa chỉ bị ghi lại trên đường truyền.",
)


def find_tokens(request: HttpRequest) -> Iterator[str]:
    """Yield every key in the path and the query, also when it was escaped once or twice."""
    query = request.META.get("QUERY_STRING", "")
    for part in (request.path_info, unquote_plus(query)):
        for candidate in (part, unquote(part)):
            yield from TOKEN.findall(candidate)
