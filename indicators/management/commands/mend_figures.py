"""manage.py mend_figures"""

from django.core.management.base import BaseCommand, CommandError

from indicators.services.batches import mending
from kpitracker.lib import clock
from kpitracker.lib.actor import system_actor


class Command(BaseCommand):
    help = (
        "Mend figures that an earlier version stored from a cell with a line break: replace texts that are no numbers, "
        "and withdraw numbers that were not posted. Exit code 1 if a batch differs from its digest for another reason."
    )

    def handle(self, *args: object, **options: object) -> None:
        report = mending.mend_figures(by=system_actor("manage.py mend_figures"), now=clock.now())
        for label in report.replaced:
            self.stdout.write(f"replaced, the old text is in the audit: {label}")
        for label in report.withdrawn:
            self.stdout.write(f"withdrawn: {label}")
        self.stdout.write(f"{len(report.replaced)} texts replaced, {len(report.withdrawn)} figures withdrawn")
        if report.unexplained:
            batches = ", ".join(report.unexplained)
            raise CommandError(f"These batches differ from what was posted: {batches}. Compare them and undo them.")
