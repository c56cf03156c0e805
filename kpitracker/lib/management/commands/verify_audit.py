"""manage.py verify_audit"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kpitracker.lib import clock
from kpitracker.lib.audit import chain, heads
from kpitracker.lib.signals import audit_verified


class Command(BaseCommand):
    help = (
        "Recompute the hash chain over the audit and list every entry that was changed, removed, inserted later or cut "
        "off, and every batch of figures that differs from its digest in the audit. Exit code 1 if there is one. "
        "Exported heads are compared, always those in DATA_DIR/audit-heads."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", action="append", default=[], metavar="N:SHA256", help="an exported head to compare"
        )
        parser.add_argument("--heads", type=Path, metavar="FILE", help="a copy of audit-heads to compare")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            known = [chain.Head.parse(given) for given in options["head"]]
        except ValueError as error:
            raise CommandError(str(error)) from error
        for file in (heads.path(), *([options["heads"]] if options["heads"] else [])):
            found, torn = heads.exported(file)
            known += found
            for line in torn:
                self.stderr.write(f"{file}: not a head of the chain: {line!r}")
        findings = 0
        for finding in chain.verify(now=clock.now(), heads=known):
            findings += 1
            self.stdout.write(f"{finding.position or '-'} {finding.entry or '-'} {finding.what}")
        answers: list[tuple[Any, Any]] = audit_verified.send(sender=None)
        for _, told in answers:
            for entry, what in told:
                findings += 1
                self.stdout.write(f"- {entry} {what}")
        current = chain.head()
        self.stdout.write(
            f"{current.position} entries, head {current}, {len(known)} exported heads, {findings} findings"
        )
        if findings:
            raise CommandError("The audit was tampered with.", returncode=1)
