from django.apps import AppConfig


class LibConfig(AppConfig):
    name = "kpitracker.lib"
    label = "lib"
