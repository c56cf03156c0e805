from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "tasks"

    def ready(self) -> None:
        from tasks import empty_database_check, receivers  # noqa: F401 - registers the check, connects receivers
