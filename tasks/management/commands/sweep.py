"""manage.py sweep"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from tasks import sweep


class Command(BaseCommand):
    help = "Assess what posted figures changed and send what is due, as the periodic job does; works without Celery."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="assess every target, not only the marked ones")

    def handle(self, *args: Any, **options: Any) -> None:
        swept = sweep.run(everything=options["all"], alone=True)
        self.stdout.write(
            f"{swept.marks} marks looked at, {swept.assessments} assessments changed by the day, "
            f"{swept.messages} messages sent"
        )
