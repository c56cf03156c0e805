from django.apps import AppConfig

from kpitracker.lib.texts import text


class LibConfig(AppConfig):
    name = "kpitracker.lib"
    label = "lib"
    verbose_name = text("On record", "Nhật ký")

    def ready(self) -> None:
        from kpitracker.lib import durability, lookups  # noqa: F401 (the first registers its check)
        from kpitracker.lib.look import speak_vietnamese

        lookups.register_lookups()
        speak_vietnamese()
