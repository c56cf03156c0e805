"""manage.py sweep"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tasks import sweep


class Command(BaseCommand):
    help = "Assess what posted figures changed and send what is due, as the periodic job does; works without Celery."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="assess every target, not only the marked ones")

    def handle(self, *args: object, **options: Any) -> None:
        result = sweep.run_sweep(all_targets=options["all"], without_celery=True)
        self.stdout.write(
            f"{result.marks} marks processed, {result.assessments} assessments changed by the day, "
            f"{result.messages} messages sent"
        )
