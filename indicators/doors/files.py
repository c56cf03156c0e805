"""Who may send long files to pages, asked before anything of them is read."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

from indicators.doors.who import actor
from kpitracker.lib import page_bodies
from kpitracker.lib.actor import Scope
from kpitracker.lib.body_guard import with_length


class FilesMiddleware:
    """The check of the form's token reads the whole body, files included, long before a view asks who sends it:
    without this a stranger's hundred megabytes would be on disk by then.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.path_info in settings.PAGE_LIMITS:
            if not request.user.is_authenticated:
                return with_length(redirect_to_login(request.path_info))
            if not actor(request).may(Scope.FIGURES_WRITE):
                return page_bodies.not_allowed()
        return self.get_response(request)
