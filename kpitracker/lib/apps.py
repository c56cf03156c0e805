from django.apps import AppConfig

from kpitracker.lib.i18n.text import text


class LibConfig(AppConfig):
    name = "kpitracker.lib"
    label = "lib"
    verbose_name = text("On record", "Nhật ký")

    def ready(self) -> None:
        from kpitracker.lib.db import durability_check, lookups, migration_history_check  # noqa: F401 (register checks)

        lookups.register_lookups()
