"""manage.py delivery"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kpitracker.lib import clock
from kpitracker.lib.actor import operator
from targets.services import holding
from tasks import doorbell


class Command(BaseCommand):
    help = "Hold all messages of a restored database, show how many wait, and send or skip them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["status", "hold", "release"])
        parser.add_argument("--skip", action="store_true", help="with release: do not send the waiting messages")

    def handle(self, *args: Any, **options: Any) -> None:
        by = operator("manage.py delivery")
        if options["verb"] == "hold":
            holding.hold(by=by)
        if options["verb"] == "release":
            found = holding.release(by=by, now=clock.now(), skip=options["skip"])
            doorbell.ring("tasks.letters.send_letters")
            told = "are skipped" if options["skip"] else "are sent now"
            self.stdout.write(f"{found.messages} messages and {found.letters} letters {told}.")
            return
        held, found = holding.is_held(), holding.waiting()
        self.stdout.write(
            f"Delivery is {'held' if held else 'running'}: {found.messages} messages and {found.letters} letters wait."
        )
