from django.apps import AppConfig
from django.contrib.admin import apps as pages

from kpitracker.lib.i18n.text import text


class IndicatorsConfig(AppConfig):
    name = "indicators"
    default = True
    verbose_name = text("Indicators and figures", "Chỉ số và số liệu")

    def ready(self) -> None:
        from indicators import receivers  # noqa: F401 - connects them
        from indicators.counted_tables import COUNTED_TABLES, HIDDEN_INDICATORS
        from indicators.services.access import pepper_check  # noqa: F401 - registers it
        from indicators.visibility import find_visible_indicators
        from kpitracker.lib.db.counter_triggers import registry
        from kpitracker.lib.db.visible_indicators import Visibility

        Visibility.find_visible = find_visible_indicators
        registry.register(COUNTED_TABLES, HIDDEN_INDICATORS)


class ProjectAdminConfig(pages.AdminConfig):
    """The admin with the login and password pages of this project."""

    default = False
    default_site = "indicators.accounts.admin_site.KpiAdminSite"
