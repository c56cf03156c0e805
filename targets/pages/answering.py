"""The page behind the acknowledgement link of a message. Opening it changes nothing; submitting the form does."""

from typing import Any

from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from indicators.doors.who import address_of
from kpitracker.lib import clock
from kpitracker.lib.errors import DomainError
from kpitracker.lib.texts import text
from targets.admin.alerts import AcknowledgeForm
from targets.services import answering, links, messages

_GONE = text(
    "This link does not work: it has expired, it is incomplete, or the alert is no longer open.",
    "Liên kết không dùng được: đã quá hạn, không đầy đủ, hoặc cảnh báo không còn mở.",
)
_NOTED = text(
    "Noted, thank you.",
    "Đã ghi nhận, xin cảm ơn.",
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge(request: HttpRequest, token: str) -> HttpResponse:
    """Only POST acknowledges: mail scanners follow links with GET."""
    invited = links.invited(token)
    if invited is None or invited.alert is None:
        return _page(request, 404, detail=_GONE)
    form = AcknowledgeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        by = links.reader(invited, address_of(request))
        try:
            answering.acknowledge(alert=invited.alert, by=by, now=clock.now(), **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error.detail))
        else:
            return _page(request, 200, detail=_NOTED)
    return _page(request, 200, form=form, detail=messages.sentence(invited.alert.facts), asked=invited.recipient)


def _page(request: HttpRequest, status: int, **values: Any) -> HttpResponse:
    title = text("Acknowledge the alert", "Tiếp nhận cảnh báo")
    return render(
        request, "targets/answer.html", {**site.each_context(request), "title": title, **values}, status=status
    )
