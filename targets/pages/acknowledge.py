"""The page behind the acknowledgement link of a message. Opening it changes nothing; submitting the form does."""

from typing import Any

from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from indicators.services.access.person_names import shown_name
from kpitracker.lib import clock
from kpitracker.lib.errors import DomainError
from kpitracker.lib.http.request_context import client_ip
from kpitracker.lib.i18n.text import text
from targets.models import Alert
from targets.pages.forms import AcknowledgeForm, given_answer
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
    alert = delivery.alert
    form = AcknowledgeForm(request.POST if request.method == "POST" else None, initial=given_answer(alert))
    if request.method == "POST" and form.is_valid():
        by = links.responder_actor(delivery, client_ip(request))
        try:
            alert = user_responses.acknowledge_alert(alert=alert, by=by, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error.detail))
        else:
            return _render_page(request, 200, detail=_ACKNOWLEDGED, answers=_answer_lines(alert))
    summary = alert_messages.dated_alert_line(alert)
    answers = _answer_lines(alert) if alert.acknowledged_at else ()
    return _render_page(request, 200, form=form, detail=summary, answers=answers, asked=delivery.recipient)


def _answer_lines(alert: Alert) -> list[tuple[str, str]]:
    answered_at = date_format(timezone.localtime(alert.acknowledged_at), "DATETIME_FORMAT")
    return [
        (text("Answered", "Đã trả lời"), f"{shown_name(alert.acknowledged_by)}, {answered_at}"),
        (text("Explanation", "Giải trình"), alert.acknowledgement_note),
        (text("Promised day", "Ngày cam kết"), date_format(alert.promised_day) if alert.promised_day else "–"),
    ]


def _render_page(request: HttpRequest, status: int, **values: Any) -> HttpResponse:
    title = text("Acknowledge the alert", "Tiếp nhận cảnh báo")
    return render(
        request,
        "targets/answer.html",
        {**site.each_context(request), "site_url": "", "title": title, **values},
        status=status,
    )
