from django.apps import AppConfig

from kpitracker.lib.i18n.text import text


class TargetsConfig(AppConfig):
    name = "targets"
    verbose_name = text("Plans and targets", "Kế hoạch và chỉ tiêu")

    def ready(self) -> None:
        from targets import receivers  # noqa: F401 - connects them
