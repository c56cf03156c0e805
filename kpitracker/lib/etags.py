"""Row versions as strong tags: the last writer must have seen what he overwrites."""

import hashlib
import json
import re
from typing import Any

from django.http import HttpRequest

from kpitracker.lib.errors import PreconditionFailed, PreconditionRequired
from kpitracker.lib.models import VersionedModel
from kpitracker.lib.texts import text

_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def tag_of(row: VersionedModel, shown: str = "") -> str:
    """By the row's code: its serial number would tell how many rows there are that one may not see.

    `shown` tells apart what the same row version looks like on different days; If-Match does not look at it.
    """
    more = f".{shown}" if shown else ""
    name = getattr(row, "code", None) or getattr(row, "identifier", None) or row.pk
    return f'"{type(row).__name__.lower()}-{name}-{row.row_version}{more}"'


def digest(shown: Any) -> str:
    """A short name of what is shown."""
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]


def check_if_match(request: HttpRequest, row: VersionedModel) -> None:
    """Raises `PreconditionRequired` without If-Match, `PreconditionFailed` when the row has moved on.

    A proxy that compresses weakens tags (`W/`) or appends `-gzip`: both are ignored, they say nothing of the row.
    """
    header = request.headers.get("If-Match")
    current = tag_of(row)
    if header is None:
        raise PreconditionRequired(
            detail=text(
                "Read it first and send its ETag as If-Match.", "Hãy đọc trước rồi gửi ETag của nó trong If-Match."
            )
        )
    given = {tag.removesuffix("-gzip").removesuffix(";gzip").partition(".")[0] for tag in _TAG.findall(header)}
    if header.strip() != "*" and current.strip('"') not in given:
        raise PreconditionFailed(
            detail=text(f"The tag is now {current}.", f"Thẻ hiện tại là {current}."), extra={"current": current}
        )
