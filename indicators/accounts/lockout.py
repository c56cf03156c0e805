"""The response after too many wrong passwords."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from indicators.accounts.views import base_context
from kpitracker.lib.http import refusals
from kpitracker.lib.http.request_context import client_ip
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest.problems import problem_response

_DETAIL = text(
    "Too many wrong passwords for this name from your address. Try again in 15 minutes, or ask for a new password.",
    "Sai mật khẩu quá nhiều lần với tên này từ địa chỉ của bạn. Hãy thử lại sau 15 phút, hoặc yêu cầu mật khẩu mới.",
)


def lockout_response(request: HttpRequest, response: HttpResponse | None, credentials: Any = None) -> HttpResponse:
    """429: a page for browsers, a problem document for all other clients."""
    name = str((credentials or {}).get("username") or request.POST.get("username", ""))
    refusals.record_refusal(refusals.LOGIN_LOCKED, request, client_ip(request), name=name, status=429)
    headers = {"Retry-After": str(int(settings.AXES_COOLOFF_TIME.total_seconds()))}
    if not request.accepts("text/html") or "text/html" not in request.headers.get("Accept", ""):
        return problem_response(request, "too-many-attempts", str(_DETAIL), status=429, headers=headers)
    context = base_context(request, admin.site, title=text("Too many attempts", "Thử quá nhiều lần"), detail=_DETAIL)
    page = render(request, "accounts/page.html", context, status=429)
    for name, value in headers.items():
        page.headers[name] = value
    return page
