from django.apps import AppConfig

from kpitracker.lib.i18n.text import text


class TargetsConfig(AppConfig):
    name = "targets"
    verbose_name = text("Plans and targets", "Kế hoạch và chỉ tiêu")

    def ready(self) -> None:
        from kpitracker.lib.db.counter_triggers import registry
        from targets import receivers  # noqa: F401 - connects them
        from targets.counted_tables import COUNTED_TABLES

        registry.register(COUNTED_TABLES)
