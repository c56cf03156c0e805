"""On the page of an indicator: a preview of the typed formula, and the latest values of a computed indicator."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import Script
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse

from indicators.models import Indicator
from indicators.services.figures import formula_preview
from kpitracker.lib import clock, text_validation
from kpitracker.lib.admin.base import actor
from kpitracker.lib.admin.types import Context, PageMixin
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text


class FormulaPreviewMixin(PageMixin):
    change_form_after_template = "indicators/values.html"

    class Media:
        # Deferred: the script needs elements that come after it in the page.
        js = (Script("indicators/preview.js", defer=True),)

    def get_urls(self) -> list[URLPattern]:
        preview_url = path(
            "preview/", self.admin_site.admin_view(self.preview_view), name="indicators_indicator_preview"
        )
        return [preview_url, *super().get_urls()]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Lines to show below the formula, as JSON, for users who may edit indicators."""
        page: Any = self
        if not page.has_change_permission(request):
            raise PermissionDenied
        return JsonResponse(
            {"lines": [str(line) for line in _preview_lines(request)]}, headers={"Cache-Control": "no-store"}
        )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Context | None = None,
    ) -> HttpResponse:
        page: Any = self
        row = page.get_object(request, object_id) if object_id else None
        context = {
            **(extra_context or {}),
            "recent": _recent_lines(row),
            "recent_title": text("Latest values", "Giá trị gần nhất"),
        }
        if page.has_change_permission(request):
            context["preview"] = {
                "url": reverse("admin:indicators_indicator_preview"),
                "title": text("What the formula gives", "Kết quả của công thức"),
                "area": text("Code of an area; empty: the home area", "Mã địa bàn; để trống: địa bàn chính"),
            }
        response: HttpResponse = super().changeform_view(request, object_id, form_url, context)
        return response


def _recent_lines(row: Indicator | None) -> list[str]:
    if row is None or not row.formula:
        return []
    values = formula_preview.recent_values(indicator=row, today=clock.today())
    return formula_preview.display_lines(values) if values else []


def _preview_lines(request: HttpRequest) -> list[str]:
    query = {name: request.GET.get(name, "") for name in ("formula", "code", "area")}
    try:
        formula, code, area = (text_validation.clean_text(value) for value in query.values())
        values = formula_preview.preview_formula(
            formula=formula, code=code, area=area, decimals=2, by=actor(request), today=clock.today()
        )
    except DomainError as error:
        return [str(item.detail) for item in error.items] or [str(error.detail)]
    return formula_preview.display_lines(values)
