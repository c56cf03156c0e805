"""History page of a row, read from the audit log. Django's own admin log stays empty."""

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from kpitracker.lib.admin import audit_text
from kpitracker.lib.admin.request_actor import actor
from kpitracker.lib.admin.sites import history_shown_to, shown_actor
from kpitracker.lib.admin.types import PageMixin
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import AuditEntry

MAX_ENTRIES = 200


class HistoryMixin(PageMixin):
    # The services have already written the audit entries.

    def log_addition(self, request: HttpRequest, obj: Model, message: object) -> None:  # type: ignore[override]
        pass

    def log_change(self, request: HttpRequest, obj: Model, message: object) -> None:  # type: ignore[override]
        pass

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Model]) -> None:  # type: ignore[override]
        pass

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined, no-any-return]
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        entries = AuditEntry.objects.filter(kind=self.opts.label_lower, object_id=str(row.pk)).order_by("-pk")
        shown_entries = history_shown_to(self.admin_site, actor(request), entries[:MAX_ENTRIES])
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": text(f"History: {row}", f"Lịch sử: {row}"),
            "entries": [
                (entry, shown_actor(self.admin_site, entry.actor), audit_text.field_changes(entry))
                for entry in shown_entries
            ],
            "heads": _COLUMN_TITLES,
            "opts": self.opts,
            "object": row,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "lib/history.html", context)


_COLUMN_TITLES = (
    text("time", "thời điểm"),
    text("actor", "người thực hiện"),
    text("from", "từ địa chỉ"),
    text("action", "việc"),
    text("change", "nội dung"),
    text("request", "yêu cầu"),
)
