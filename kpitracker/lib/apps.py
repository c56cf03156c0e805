from django.apps import AppConfig

from kpitracker.lib.i18n.text import text


class LibConfig(AppConfig):
    name = "kpitracker.lib"
    label = "lib"
    verbose_name = text("On record", "Nhật ký")

    def ready(self) -> None:
        from kpitracker.lib.db import (  # noqa: F401 (register checks)
            decimal_columns,
            durability_check,
            integrity_check,
            migration_history_check,
            prefetch,
        )

        prefetch.register_lookups()
