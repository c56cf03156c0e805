from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "kpitracker.lib"
    label = "lib"

    def ready(self) -> None:
        from kpitracker.lib import durability  # noqa: F401 (registers its check)
