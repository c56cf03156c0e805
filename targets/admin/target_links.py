"""Names and links of targets for the admin: the ids of targets are for programs."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kpitracker.lib.admin.types import PageMixin
from kpitracker.lib.i18n.text import text
from targets.models import Target

# Relations that `target_label` reads, for `list_select_related`.
TARGET_RELATED = ("target__indicator", "target__area")


def target_label(target: Target) -> str:
    """For example `New jobs created, Ho Chi Minh City, 2024`."""
    indicator, area = target.indicator, target.area
    names = text(
        f"{indicator.name_en or indicator.name}, {area.name_en or area.name}", f"{indicator.name}, {area.name}"
    )
    return f"{names}, {target.period}"


class TargetLinkMixin(PageMixin):
    """For the admin of rows with a `target`."""

    @admin.display(description=text("target", "chỉ tiêu"), ordering="target__identifier")
    def named(self, row: Any) -> str:
        return target_label(row.target)

    @admin.display(description=text("target", "chỉ tiêu"))
    def linked(self, row: Any) -> SafeString:
        url = reverse("admin:targets_target_change", args=[row.target_id])
        return format_html('<a class="text-link" href="{}">{}</a>', url, target_label(row.target))
