"""Chain heads exported to a file: a change of the database cannot reach them, so that a removed tail is detected."""

import logging
import os
from datetime import datetime
from pathlib import Path

from django.conf import settings

from kpitracker.lib.audit.chain import Head, current_head

log = logging.getLogger(__name__)


def heads_file() -> Path:
    return Path(settings.DATA_DIR) / "audit-heads"


def export_head(*, now: datetime) -> Head:
    """Append the current head to the file in the data folder and to the log. Keep copies of both elsewhere."""
    current = current_head()
    with heads_file().open("a", encoding="ascii") as file:
        file.write(f"{now.isoformat()} {current}\n")
        file.flush()
        os.fsync(file.fileno())
    log.info("Head of the audit chain: %s", current)
    return current


def read_heads(file: Path | None = None) -> tuple[list[Head], list[str]]:
    """The heads in a file (default: the one in the data folder), and the lines that are not valid heads."""
    source = file or heads_file()
    heads: list[Head] = []
    invalid_lines: list[str] = []
    for line in source.read_text("ascii", errors="replace").splitlines() if source.exists() else ():
        try:
            heads.append(Head.parse(line.split()[-1]))
        except (ValueError, IndexError):
            invalid_lines.append(line)
    return heads, invalid_lines
