"""On the page of an indicator: a preview of the typed formula, and the latest values of a computed indicator."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import Script
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, reverse

from indicators.admin.base import actor
from indicators.models import Indicator
from indicators.services import previews
from kpitracker.lib import clock, plain_text
from kpitracker.lib.errors import DomainError
from kpitracker.lib.texts import text


class PreviewMixin:
    admin_site: Any
    change_form_after_template = "indicators/values.html"

    class Media:
        # Deferred: the script needs elements that come after it in the page.
        js = (Script("indicators/preview.js", defer=True),)

    def get_urls(self) -> Any:
        shown = path("preview/", self.admin_site.admin_view(self.preview_view), name="indicators_indicator_preview")
        return [shown, *super().get_urls()]  # type: ignore[misc]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Lines to show below the formula, as JSON, for users who may edit indicators."""
        page: Any = self
        if not page.has_change_permission(request):
            raise PermissionDenied
        return JsonResponse({"lines": [str(line) for line in _lines(request)]}, headers={"Cache-Control": "no-store"})

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        page: Any = self
        row = page.get_object(request, object_id) if object_id else None
        context = {
            **(extra_context or {}),
            "recent": _recent(row),
            "recent_title": text("Latest values", "Giá trị gần nhất"),
        }
        if page.has_change_permission(request):
            context["preview"] = {
                "url": reverse("admin:indicators_indicator_preview"),
                "title": text("What the formula gives", "Kết quả của công thức"),
                "area": text("Code of an area; empty: the home area", "Mã địa bàn; để trống: địa bàn chính"),
            }
        shown: HttpResponse = super().changeform_view(request, object_id, form_url, context)  # type: ignore[misc]
        return shown


def _recent(row: Indicator | None) -> list[str]:
    if row is None or not row.formula:
        return []
    found = previews.recent(indicator=row, today=clock.today())
    return previews.lines(found) if found else []


def _lines(request: HttpRequest) -> list[str]:
    asked = {name: request.GET.get(name, "") for name in ("formula", "code", "area")}
    try:
        formula, code, area = (plain_text.clean(value) for value in asked.values())
        found = previews.preview(
            formula=formula, code=code, area=area, decimals=2, by=actor(request), today=clock.today()
        )
    except DomainError as error:
        return [str(item.detail) for item in error.items] or [str(error.detail)]
    return previews.lines(found)
