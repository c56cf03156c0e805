"""Names and links of targets for the admin: the ids of targets are for programs."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kpitracker.lib.admin.types import PageMixin
from kpitracker.lib.i18n.text import text

# Relations that the name of a target reads, for `list_select_related`.
TARGET_RELATED = ("target__indicator", "target__area")


class TargetLinkMixin(PageMixin):
    """For the admin of rows with a `target`."""

    @admin.display(description=text("target", "chỉ tiêu"), ordering="target__identifier")
    def named(self, row: Any) -> str:
        return str(row.target)

    @admin.display(description=text("target", "chỉ tiêu"))
    def linked(self, row: Any) -> SafeString:
        url = reverse("admin:targets_target_change", args=[row.target_id])
        return format_html('<a class="text-link" href="{}">{}</a>', url, row.target)
