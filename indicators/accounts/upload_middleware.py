"""Checks who may upload files to pages, before any of the body is read."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

from kpitracker.lib.actor import Scope
from kpitracker.lib.admin.request_actor import actor
from kpitracker.lib.http import error_pages


class UploadPermissionMiddleware:
    """Refuses uploads of callers without permission.

    The CSRF check reads the whole body, files included, before a view checks the user. Without this middleware an
    upload of 100 MB by an anonymous caller would already be on disk.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.path_info in settings.ADMIN_UPLOAD_LIMITS:
            if not request.user.is_authenticated:
                return error_pages.set_content_length(redirect_to_login(request.path_info))
            if not actor(request).may(Scope.FIGURES_WRITE):
                return error_pages.forbidden_response()
        return self.get_response(request)
