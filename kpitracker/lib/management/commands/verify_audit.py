"""manage.py verify_audit"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kpitracker.lib import clock
from kpitracker.lib.audit import chain, head_exports
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

    def handle(self, *args: object, **options: Any) -> None:
        try:
            exported_heads = [chain.Head.parse(value) for value in options["head"]]
        except ValueError as error:
            raise CommandError(str(error)) from error
        for file in (head_exports.heads_file(), *([options["heads"]] if options["heads"] else [])):
            file_heads, invalid_lines = head_exports.read_heads(file)
            exported_heads += file_heads
            for line in invalid_lines:
                self.stderr.write(f"{file}: not a head of the chain: {line!r}")
        fault_count = 0
        for fault in chain.verify_chain(now=clock.now(), heads=exported_heads):
            fault_count += 1
            self.stdout.write(f"{fault.position or '-'} {fault.entry_id or '-'} {fault.problem}")
        responses: list[tuple[Any, Any]] = audit_verified.send(sender=None)
        for _, faults in responses:
            for entry_id, problem in faults:
                fault_count += 1
                self.stdout.write(f"- {entry_id} {problem}")
        current = chain.current_head()
        self.stdout.write(
            f"{current.position} entries, head {current}, {len(exported_heads)} exported heads, {fault_count} findings"
        )
        if fault_count:
            raise CommandError("The audit was tampered with.", returncode=1)
