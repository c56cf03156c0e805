"""The page behind the acknowledgement link of a message. Opening it changes nothing; submitting the form does."""

from typing import Any

from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kpitracker.lib import clock
from kpitracker.lib.errors import DomainError
from kpitracker.lib.http.request_context import client_ip
from kpitracker.lib.i18n.text import text
from targets.pages.forms import AcknowledgeForm
from targets.services.alerting import user_responses
from targets.services.notifications import links
from targets.services.text import alert_messages

_INVALID_LINK = text(
    "This link does not work: it has expired, it is incomplete, or the alert is no longer open.",
    "Liên kết không dùng được: đã quá hạn, không đầy đủ, hoặc cảnh báo không còn mở.",
)
_ACKNOWLEDGED = text(
    "Noted, thank you.",
    "Đã ghi nhận, xin cảm ơn.",
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge_alert(request: HttpRequest, token: str) -> HttpResponse:
    """Only POST acknowledges: mail scanners follow links with GET."""
    delivery = links.delivery_for_token(token)
    if delivery is None or delivery.alert is None:
        return _render_page(request, 404, detail=_INVALID_LINK)
    form = AcknowledgeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        by = links.responder_actor(delivery, client_ip(request))
        try:
            user_responses.acknowledge_alert(alert=delivery.alert, by=by, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error.detail))
        else:
            return _render_page(request, 200, detail=_ACKNOWLEDGED)
    return _render_page(
        request, 200, form=form, detail=alert_messages.summary_line(delivery.alert.snapshot), asked=delivery.recipient
    )


def _render_page(request: HttpRequest, status: int, **values: Any) -> HttpResponse:
    title = text("Acknowledge the alert", "Tiếp nhận cảnh báo")
    return render(
        request, "targets/answer.html", {**site.each_context(request), "title": title, **values}, status=status
    )
