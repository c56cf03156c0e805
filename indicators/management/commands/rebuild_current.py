"""manage.py rebuild_current"""

from django.core.management.base import BaseCommand

from indicators.services.figures import revision_store
from kpitracker.lib.actor import system_actor


class Command(BaseCommand):
    help = "Recompute the current revision of every figure from its revisions, and print how many were wrong."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(
            f"{revision_store.rebuild_current(by=system_actor('manage.py rebuild_current'))} figures were wrong"
        )
