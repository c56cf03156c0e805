from django.apps import AppConfig

from kpitracker.lib.texts import text


class IndicatorsConfig(AppConfig):
    name = "indicators"
    verbose_name = text("Indicators and figures", "Chỉ tiêu và số liệu")

    def ready(self) -> None:
        from indicators import receivers  # noqa: F401 - connects them
