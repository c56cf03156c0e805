"""manage.py delivery"""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kpitracker.lib import clock
from kpitracker.lib.actor import system_actor
from targets.services.notifications import pause
from tasks import wakeup


class Command(BaseCommand):
    help = "Pause all delivery of a restored database, show how many messages wait, and send or skip them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("verb", choices=["status", "pause", "resume"])
        parser.add_argument("--skip", action="store_true", help="with resume: do not send the waiting messages")

    def handle(self, *args: object, **options: Any) -> None:
        by = system_actor("manage.py delivery")
        if options["verb"] == "pause":
            pause.pause_delivery(by=by)
        if options["verb"] == "resume":
            pending = pause.resume_delivery(by=by, now=clock.now(), skip=options["skip"])
            wakeup.request_task("tasks.account_emails.send_account_emails")
            outcome = "are skipped" if options["skip"] else "are sent now"
            self.stdout.write(f"{pending.deliveries} messages and {pending.account_emails} account e-mails {outcome}.")
            return
        is_paused, pending = pause.is_paused(), pause.count_pending()
        self.stdout.write(
            f"Delivery is {'paused' if is_paused else 'running'}: "
            f"{pending.deliveries} messages and {pending.account_emails} account e-mails wait."
        )
