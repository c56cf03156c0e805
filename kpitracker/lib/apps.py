import gc
from types import ModuleType

from django.apps import AppConfig

from kpitracker.lib.i18n.text import text


class LibConfig(AppConfig):
    name = "kpitracker.lib"
    label = "lib"
    verbose_name = text("On record", "Nhật ký")

    def __init__(self, app_name: str, app_module: ModuleType) -> None:
        super().__init__(app_name, app_module)
        # This app is the first. What is loaded now stays in memory: to look for garbage in it again and again takes a
        # fifth of the time in which a process starts.
        gc.disable()

    def ready(self) -> None:
        gc.freeze()
        gc.enable()
        from kpitracker.lib.db import (  # noqa: F401 (register checks)
            counter_triggers,
            decimal_columns,
            durability_check,
            integrity_check,
            migration_history_check,
            prefetch,
        )

        prefetch.register_lookups()
        counter_triggers.connect_signals(self)
